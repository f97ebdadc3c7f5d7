"""Formats, one file each: from a file to records."""
