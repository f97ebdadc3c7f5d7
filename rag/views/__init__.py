"""How answers, papers and untrusted text are shown."""
