"""Whether evidence carries a sentence, and what follows from it."""
