"""Citation keys: the user's own, else made of family name, year and title, each once in a library."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from rag.text.person_names import name_parts
from rag.text.words import STOPWORDS, fold, words
from rag.types import Paper


def citation_keys(papers: Sequence[Paper]) -> dict[str, str]:
    """Return paper id → citation key, each key once: the user's own, else family name, year, first word of the title.

    Where two papers claim one key, the first keeps it and the other's is lengthened by digits of its id, so that later
    papers change nothing. Give all papers of a library, for the same keys in every export.
    """
    keys: dict[str, str] = {}
    taken: set[str] = set()
    own_keys_first = sorted(papers, key=lambda paper: _usable(paper.key) is None)
    for paper in own_keys_first:
        key = _usable(paper.key) or _made(paper)
        digest = hashlib.sha256(paper.id.encode()).hexdigest()
        length = 0
        while key.lower() in taken:  # BibTeX compares keys without case
            length += 4
            key = f"{_usable(paper.key) or _made(paper)}-{digest[:length]}"
        taken.add(key.lower())
        keys[paper.id] = key
    return keys


def _usable(key: str | None) -> str | None:
    """Return the user's key in a form that BibTeX accepts; unchanged where possible."""
    return re.sub(r"[\s{}(),=\"#%\\~']+", "-", key).strip("-") or None if key else None


def _made(paper: Paper) -> str:
    title = [word for word in words(paper.title) if word not in STOPWORDS and word.isascii() and word.isalnum()]
    family = _ascii(name_parts(paper, paper.authors[0])[0]) if paper.authors else ""
    if family:
        return f"{family}{paper.year or ''}{''.join(title[:1])}"
    return "-".join(title[:3]) + (str(paper.year) if paper.year and title else "") or "paper"


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))
