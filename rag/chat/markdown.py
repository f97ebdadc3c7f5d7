"""Answers as plain text: Markdown with a footnote for each pin, and what the clipboard gets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.chat.turns import Turn
from rag.types import Answer, Citation
from rag.views import sentence_changes
from rag.views.citation_signs import Sign, pinned, with_marks
from rag.views.citation_signs import quotes as quotes_of
from rag.views.documents import described, escaped, numbered, provenance


def footnoted(title: str, turns: Iterable[Turn]) -> str:
    """Return a conversation as Markdown: each citation is a footnote with its verdict, its quote and its paper."""
    notes: list[str] = []
    parts = [f"# {escaped(title)}"]
    for turn in turns:
        if turn.answer is not None:
            made = provenance(turn.answer, turn.library)
            parts += [
                f"## {escaped(turn.question)}",
                *_paragraphs(turn.answer, notes),
                *([escaped(made)] if made else []),
            ]
    return "\n\n".join([*parts, *(f"[^{number}]: {note}" for number, note in enumerate(notes, 1))]) + "\n"


def copied(turn: Turn) -> str:
    """Return an answer as plain text for the clipboard: its doubts, both sides, notes and sources below."""
    if turn.answer is None:
        return ""
    made = provenance(turn.answer, turn.library)
    return "\n".join([*_plain(turn.answer), *(["", made] if made else [])]).rstrip() + "\n"


def file_name(title: str) -> str:
    """Return a file's name, without its ending, for a title."""
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:60].strip("-") or "conversation"


def _plain(answer: Answer) -> list[str]:
    text = " ".join(with_marks(sentence, str, _numbers) for sentence in answer.sentences)
    sources = []
    for number, paper in numbered(answer.sentences).items():
        quotes = quotes_of([pin for pin in pinned(answer.sentences) if pin[0].paper == paper])
        sources += ["", f"[{number}] {described(paper)}", *(f"    {label}: “{words}”" for words, label in quotes)]
    notes = sentence_changes.lines(answer)
    spare = ["", *_plain(answer.fallback)] if answer.fallback else []
    return [text or answer.text, *sources, *([""] if notes else []), *notes, *spare]


def _numbers(pins: Sequence[tuple[Citation, Sign]]) -> str:
    return "".join(f"[{number}]" for number in sorted({pin.number for pin, _ in pins}))


def _paragraphs(answer: Answer, notes: list[str]) -> list[str]:
    """Return an answer, its notes, and its fallback; `notes` collects the footnotes."""

    def marks(pins: Sequence[tuple[Citation, Sign]]) -> str:
        found = [_note(citation, sign) for citation, sign in pins]
        notes.extend(note for note in dict.fromkeys(found) if note not in notes)
        return "".join(f"[^{notes.index(note) + 1}]" for note in dict.fromkeys(found))

    body = " ".join(with_marks(sentence, escaped, marks, after_stop=True) for sentence in answer.sentences)
    spare = _paragraphs(answer.fallback, notes) if answer.fallback else []
    return [body or escaped(answer.text), *(f"*{escaped(line)}*" for line in sentence_changes.lines(answer)), *spare]


def _note(citation: Citation, sign: Sign) -> str:
    paper = escaped(described(citation.paper).rstrip("."))
    return f"\\[{citation.number}\\] {paper}: “{escaped(citation.words)}” ({sign.label})"
