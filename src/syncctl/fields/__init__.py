"""Fields of records, and the one way to decode and encode their values. No I/O."""
