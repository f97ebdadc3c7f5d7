"""Answers as plain text: Markdown with a footnote for each pin."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.types import Answer, Citation, Sentence
from rag.views.documents import described, escaped


def footnoted(title: str, answers: Iterable[Answer]) -> str:
    """Return a conversation as Markdown: each citation is a footnote with its verdict, its quote and its paper."""
    notes: list[str] = []
    parts = [f"# {escaped(title)}"]
    for answer in answers:
        body = " ".join(_sentence(sentence, notes) for sentence in answer.sentences) or escaped(answer.text)
        parts += [f"## {escaped(answer.question)}", body]
    return "\n\n".join([*parts, *(f"[^{number}]: {note}" for number, note in enumerate(notes, 1))]) + "\n"


def copied(answer: Answer) -> str:
    """Return an answer as plain text with its sources below, for the clipboard."""
    sources = [f"[{number}] {described(paper)}" for number, paper in enumerate(answer.papers, 1)]
    return "\n".join([answer.text, "", *sources]).rstrip() + "\n"


def file_name(title: str) -> str:
    """Return a file's name, without its ending, for a title."""
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:60].strip("-") or "conversation"


def _sentence(sentence: Sentence, notes: list[str]) -> str:
    marks = []
    for citation in sentence.citations:
        note = _note(citation)
        if note not in notes:
            notes.append(note)
        marks.append(f"[^{notes.index(note) + 1}]")
    return escaped(sentence.text) + "".join(marks)


def _note(citation: Citation) -> str:
    quote, paper = escaped(citation.words), escaped(described(citation.paper))
    return f"{paper}: “{quote}” ({citation.verdict.value})"
