"""Value forms compiled against live schemas: from a raw record to canonical values. No I/O of its own."""
