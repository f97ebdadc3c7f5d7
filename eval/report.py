"""wip."""

from eval.run import Run


def page(run: Run) -> str:
    """Return the page."""
    return str(run.header)
