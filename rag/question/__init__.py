"""What a question means, and whether the papers found can answer it."""
