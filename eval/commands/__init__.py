"""The commands of `python -m eval`, one file for each noun."""
