"""Findings to ordered Changes: what would be written, and what stays open. The way in is `draft.draft`."""
