"""A mapping compiled: from a raw record to its canonical side, one text over all mapped fields. No I/O."""
