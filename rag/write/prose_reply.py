"""Prose of a language model: cut into sentences, each with the numbers of evidence that it names.

Models write Markdown: lists, headings, tables, footnotes, and a list of sources at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rag.text.sentences import split_sentences
from rag.types import Draft
from rag.write.evidence_numbers import BRACKETED, numbers_in, numbers_named, plain_marks, style_of, without_marks

_LINE_START = re.compile(r"^[ \t]*(?:>[ \t]?)*(?:[-*•‣][ \t]+|\d{1,2}[.)][ \t]+)?", re.MULTILINE)
_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t].*|(?:\*\*|__)[^*_\n]+(?:\*\*|__):?[ \t]*|[-*_=]{3,}[ \t]*)$", re.MULTILINE
)
_EMPHASIS = re.compile(r"(\*\*|__|(?<![\w*])\*(?=\S))(.+?)\1", re.DOTALL)
# Marks of chat templates for the end of a text.
_TEMPLATE_END = re.compile(r"(?:\s*(?:<\|[^<>|]{1,40}\|>|</?s>|<(?:end|eos)[a-z_]*>))+\s*$")
# The mark around a whole answer or sentence: `<answer>`. Shorter ones are HTML's, within a sentence.
_TAG = re.compile(r"<(?!strong>)[a-z_]{5,20}>(?!\s*\[?\d)|(?<![\d\]])</(?!strong>)[a-z_]{5,20}>", re.IGNORECASE)
# A line that only names the evidence of the one before: "Evidence: 3, 4".
_LINE_OF_NUMBERS = re.compile(
    r"\s*\n[ \t]*(?:[-*•][ \t]+)?[^\W\d_]{1,12}:[ \t]*(\[?\d[\d\s,;&–\[\]-]*?)[ \t]*$", re.MULTILINE
)
_NOTE = re.compile(r"^[ \t]*\[\^(\w{1,12})\]:[ \t]*(.*)$\n?", re.MULTILINE)
_SOURCE = re.compile(r"[ \t]*(?:[-*•][ \t]+)?\[\^?\d{1,4}\][ \t:.]*\S.*")
_ROW = re.compile(r"^[ \t]*\|(.+)\|[ \t]*$")
_SHORT = 3  # words of a cell that needs the heading of its column
_MOST_NUMBERED = 999
_RULE = re.compile(r"[ \t|:-]+")


def prose(text: str) -> list[Draft]:
    """Cut prose into sentences with their marks. Marks after the full stop belong to the sentence before."""
    text = plain_marks(_TAG.sub("\n", _TEMPLATE_END.sub("", text)))
    text = _without_sources(_with_notes(text))
    if not BRACKETED.search(_LINE_OF_NUMBERS.sub("", text)):  # else "Towns: 40" is a finding
        text = _LINE_OF_NUMBERS.sub(lambda line: f" [{line[1].strip('[] ')}]", text)
    text = _HEADING.sub("", _without_tables(text))
    text = _LINE_START.sub("\n", text)
    text = _EMPHASIS.sub(r"\2", text).replace("```", " ").replace("`", "")
    style = style_of(text)
    text = re.sub(rf"([.!?])((?:{style.pattern})+)(?=\s|$)", _before_the_stop, text, flags=style.flags)
    drafts: list[Draft] = []
    for span in split_sentences(text):
        sentence = text[span.start : span.end]
        leading = re.match(rf"(?:{style.pattern})+\s*", sentence, style.flags)
        late: Sequence[int] = ()
        if leading:
            _, late = without_marks(leading.group(), style)
            sentence = sentence[leading.end() :]
            opens = not drafts or "\n" in text[: span.start][-2:]
            if not opens:
                drafts[-1] = _with(drafts[-1], late)
                late = ()
        plain, numbers = without_marks(sentence, style)
        plain = " ".join(plain.split())
        if plain and (numbers or late or not plain.endswith(":")):
            drafts.append(_with(Draft(plain, ()), [*late, *numbers]))
    return drafts


def _before_the_stop(end: re.Match[str]) -> str:
    """Move the marks after a full stop before it. Those on the next line belong to what follows them."""
    return end[0] if "\n" in end[2] else f" {end[2]}{end[1]}"


def _with(draft: Draft, numbers: Iterable[int]) -> Draft:
    return Draft(draft.text, tuple(dict.fromkeys([*draft.numbers, *numbers])))


def _with_notes(text: str) -> str:
    """Put the numbers that footnotes name where the footnotes are cited, and leave the notes out."""
    numbers = {note[1]: numbers_named(note[2]) for note in _NOTE.finditer(text)}
    for name, named in numbers.items():
        if named and max(named) <= _MOST_NUMBERED:
            text = re.sub(rf"\[\^{re.escape(name)}\](?!:)", f"[{', '.join(map(str, named))}]", text)
    return _NOTE.sub("", text)


def _without_sources(text: str) -> str:
    """Leave out a list of sources at the end: lines that open with numbers which the text before them cites."""
    lines = text.rstrip().split("\n")
    first = len(lines)
    while first and (_SOURCE.fullmatch(lines[first - 1]) or not lines[first - 1].strip()):
        first -= 1
    before = "\n".join(lines[:first])
    cited = {number for mark in BRACKETED.findall(before) for number in numbers_in(mark)}
    listed = {number for line in lines[first:] for mark in BRACKETED.findall(line)[:1] for number in numbers_in(mark)}
    return before if listed and listed <= cited else text


def _without_tables(text: str) -> str:
    """Write each row of a table as a sentence: what its first cell names, and the others under their headings."""
    lines: list[str] = []
    heads: list[str] = []
    for line in text.split("\n"):
        row = _ROW.match(line)
        cells = [cell.strip() for cell in row[1].split("|")] if row else []
        if not row:
            heads = []
            lines.append(line)
        elif not heads:
            heads = cells
        elif not _RULE.fullmatch(line):
            lines.append(f"- {_row(heads, cells)}")
    return "\n".join(lines)


def _row(heads: Sequence[str], cells: Sequence[str]) -> str:
    marks = "".join(f" {cell}" for cell in cells if BRACKETED.fullmatch(cell))
    said = [(head, cell) for head, cell in zip_longest(heads, cells, fillvalue="") if cell and f" {cell}" not in marks]
    named, *rest = [cell if not place or len(cell.split()) > _SHORT else f"{head} {cell}".strip()
                    for place, (head, cell) in enumerate(said)] or [""]  # fmt: skip
    sentence = ": ".join(filter(None, (named, "; ".join(rest)))).rstrip(". ")
    return f"{sentence}{marks}."
