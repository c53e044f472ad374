"""One subject per connector that is shipped."""
