"""The truth of a library: every record as its source gave it, and the papers computed from the records."""
