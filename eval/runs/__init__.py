"""A question set asked and scored: the run, its summary, its report, and two runs compared."""
