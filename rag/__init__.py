"""Pincite: question answering over paper abstracts, pinned to sentences."""
