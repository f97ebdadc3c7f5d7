"""What judges a sentence, and how far its verdicts can be trusted."""
