"""A manuscript's citations, each checked against the abstract of the paper that it cites.

An abstract can't settle everything: the full text may say what it doesn't.
"""

from __future__ import annotations

from rag.manuscript.checking import check_manuscript
from rag.manuscript.cited_papers import References, read_references
from rag.manuscript.findings import Cited, Outcome, Pin, Pinned, Report, Uncited
from rag.manuscript.opening import open_manuscript, with_references
from rag.manuscript.passages import Manuscript, ManuscriptSentence

__all__ = [
    "Cited",
    "Manuscript",
    "ManuscriptSentence",
    "Outcome",
    "Pin",
    "Pinned",
    "References",
    "Report",
    "Uncited",
    "check_manuscript",
    "open_manuscript",
    "read_references",
    "with_references",
]
