"""The evaluation harness: python -m eval."""
