"""Fields of a paper that no record states as exports write them: its container, its address, its notices."""

from __future__ import annotations

from rag.types import Notice, Paper


def container(paper: Paper) -> str:
    """Return the name of a paper's container; a book's or report's venue is often its publisher or series."""
    return paper.venue if paper.venue and paper.venue not in (paper.publisher, paper.series) else ""


def notice_text(notice: Notice) -> str:
    """Write a notice so that it is read back, with the record that says it where that isn't the paper's own."""
    return f"{notice.kind.capitalize()}: {said(notice)}".rstrip(": ")


def said(notice: Notice) -> str:
    """Return the text of a notice, with the record that says it where that isn't the paper's own."""
    return f"{notice.text} (says {notice.said_by})".lstrip() if notice.said_by else notice.text


def url(paper: Paper) -> str | None:
    """Return the address of a paper's page, arXiv's where the record names none."""
    return paper.url or (f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else None)
