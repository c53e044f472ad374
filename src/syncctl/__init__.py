"""syncctl: reconcile billing, books and CRM, and write each correction once."""

__version__ = "0.1.0"
