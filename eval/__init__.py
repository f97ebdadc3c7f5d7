"""The evaluation harness: `pincite eval`."""
