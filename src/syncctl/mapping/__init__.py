"""The mapping language: which records are the same thing, which fields must agree, and who owns each field."""
