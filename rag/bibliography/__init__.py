"""What a publication is called: its kind, its citation key, and the formats it is exported in."""
