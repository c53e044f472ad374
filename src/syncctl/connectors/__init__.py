"""One package per vendor: how it spells things. A connector decides nothing and retries no write."""
