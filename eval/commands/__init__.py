"""The commands of `pincite eval`, one file for each noun."""
