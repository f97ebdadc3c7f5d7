"""Answers and bibliographies as Markdown for pandoc."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.bibliography.citation_keys import citation_keys
from rag.bibliography.paper_fields import notice_text, url
from rag.types import Answer, Citation, Notice, Paper
from rag.views import sentence_changes
from rag.views.citation_signs import Sign, with_marks
from rag.views.documents import provenance

# https://pandoc.org/MANUAL.html#citation-syntax: any other key must be in braces.
_PLAIN_KEY = re.compile(r"\w(?:[:.#$%&\-+?<>~/]?\w)*")


def answer_markdown(answer: Answer, keys: Mapping[str, str] | None = None, library: str = "") -> str:
    """Return an answer as Markdown with pandoc's citations, `[@fell2020; @ng2021]`, and the papers cited below it.

    Doubts, disagreements, notes and its fallback are kept, and the receipt is named.
    `keys` must be those of the bibliography that pandoc is given; by default they are made of the cited papers alone.
    """
    papers = cited_papers(answer)
    known = citation_keys(papers) if keys is None else keys
    parts = [f"# {_markdown(answer.question)}", *_body(answer, known)]
    warnings = [f"- [@{_quoted(known[p.id])}]: {_warning(notice)}" for p in papers for notice in p.notices]
    parts += ["\n".join(warnings)] if warnings else []
    parts += [_markdown(made)] if (made := provenance(answer, library)) else []
    parts += [f"# References\n\n{bibliography(papers, known)}".rstrip()] if papers else []
    return "\n\n".join(parts) + "\n"


def cited_papers(answer: Answer) -> list[Paper]:
    """Return the papers that an answer, or its fallback, cites."""
    spare = answer.fallback.papers if answer.fallback else ()
    return list({paper.id: paper for paper in (*answer.papers, *spare)}.values())


def _body(answer: Answer, keys: Mapping[str, str]) -> list[str]:
    """Return the paragraphs of an answer: its text, its notes, and its fallback."""

    def marks(pins: Sequence[tuple[Citation, Sign]]) -> str:
        cited = dict.fromkeys(pin.paper.id for pin, _ in pins)
        return f"[{'; '.join('@' + _quoted(keys[paper]) for paper in cited)}]" if cited else ""

    text = " ".join(with_marks(sentence, _markdown, marks) for sentence in answer.sentences) or _markdown(answer.text)
    notes = "\n".join(f"- {_markdown(line)}" for line in sentence_changes.lines(answer))
    spare = _body(answer.fallback, keys) if answer.fallback else []
    return [text, *([notes] if notes else []), *spare]


def _warning(notice: Notice) -> str:
    """Write a notice for a reader."""
    return _markdown(notice_text(notice))


def _quoted(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else f"{{{key}}}"


def bibliography(papers: Sequence[Paper], keys: Mapping[str, str]) -> str:
    """Return papers as a list of references, each with its citation key."""
    return "".join(f"- {_reference(paper)} [@{_quoted(keys[paper.id])}]\n" for paper in papers)


def _reference(paper: Paper) -> str:
    authors = [
        *paper.authors[:3],
        *(["et al."] if len(paper.authors) > 3 or (paper.authors and paper.more_authors) else []),
    ]
    who = "; ".join(map(_markdown, authors)) or _markdown(paper.organisation or "")
    link = f"<https://doi.org/{paper.doi}>" if paper.doi else f"<{url(paper)}>" if url(paper) else ""
    year = f"({paper.year})." if paper.year else ""
    title = _markdown(paper.title if paper.title.endswith(("?", "!", ".")) else f"{paper.title}.")
    number = f" {paper.volume or ''}{f'({paper.issue})' if paper.issue else ''}".rstrip()
    place = f"{number}{f', {paper.pages}' if paper.pages else ''}" if paper.venue else ""
    venue = f"*{_markdown(paper.venue)}*{_markdown(place)}." if paper.venue else ""
    venue = venue or (f"{_markdown(paper.publisher)}." if paper.publisher else "")
    retracted = f"**Reported as retracted by {_markdown(paper.retracted_by)}.**" if paper.retracted else ""
    return " ".join(filter(None, (who, year, title, venue, link, retracted)))


def _markdown(text: str) -> str:
    """Escape what Markdown and pandoc would take for markup, a citation included."""
    return re.sub(r"([\\`*_{}\[\]<>@$^~#|]|-(?=-))", r"\\\1", text)
