"""A library's source of truth: every record as its source gave it, and the papers computed from the records."""
