"""Pretend vendors, as strict as the real ones: for tests, the demo and `syncctl sandbox serve`."""
