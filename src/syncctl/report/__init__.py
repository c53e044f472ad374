"""What people and programs read: plans, runs, statements, errors as text, JSON, CSV, Markdown. Decides nothing."""
