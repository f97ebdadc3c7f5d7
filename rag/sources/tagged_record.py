"""One record of a file of tagged lines: its fields, and which lines under its last text are its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from rag.sources.decoding import Line
from rag.sources.sections import begins_with_label

_SENTENCE_END = re.compile(r"[.!?。！？…][)\]}\"”’']*$")
_TAG_WIDTH = 6  # of "AB  - "
_LONGEST_FOOTER = 300  # characters; a longer paragraph is taken for one of the abstract, and reported


@dataclass(frozen=True, slots=True)
class Layout:
    """How a format lays out its records: the tags that begin and end one, and those of its title and abstract.

    `once` are other tags that a record has once, such as its year; `authors` those of its authors. After an empty line
    either belongs to another record. `header` are tags of the file, not of a record. `indented`: continuation lines are
    indented, so one that isn't continues nothing.
    """

    name: str
    starts: Set[str]
    titles: Set[str]
    abstracts: Set[str]
    ends: Set[str] = frozenset()
    once: Set[str] = frozenset()
    authors: Set[str] = frozenset()
    header: Set[str] = frozenset()
    indented: bool = False

    @property
    def stated_once(self) -> Set[str]:
        """The tags that a record doesn't repeat."""
        return self.titles | self.abstracts | self.once


class TaggedLine(NamedTuple):
    """A line as its format reads it: `tag` is None for one without a tag: a continuation, or empty."""

    number: int
    tag: str | None
    text: str


@dataclass(slots=True)
class Field:
    """A tag and the lines of its text, the first of them after the tag."""

    tag: str
    lines: list[Line]

    @property
    def number(self) -> int:
        """The line of the tag."""
        return self.lines[0].number

    @property
    def text(self) -> str:
        """The text with its line ends."""
        return "\n".join(line.text for line in self.lines)

    def breaks(self) -> dict[int, int]:
        """Return which lines continue in the middle of a sentence, and how long the line above each is."""
        pairs = enumerate(pairwise(self.lines), start=1)
        return {
            place: self._length(above)
            for place, (above, below) in pairs
            if below.text[:1].islower() or not ends_sentence(above.text)
        }

    def paragraphs(self, width: int) -> dict[int, bool]:
        """Return which lines begin a paragraph of their own, and whether that is sure.

        `width` is where the file breaks its lines, 0 if it breaks none. The first word of a paragraph would have had
        room at the end of the line above. Where a file breaks no lines, one in the middle of a sentence may be one.
        """
        breaks = self.breaks()
        first, second = [*sorted(breaks, key=breaks.__getitem__, reverse=True), 0, 0][:2]
        found: dict[int, bool] = {}
        for place, (above, below) in enumerate(pairwise(self.lines), start=1):
            widest = max(width, breaks.get(second if place == first else first, 0))  # taken from the other lines
            length = self._length(above)
            full = length <= widest <= length + len(below.text.split(maxsplit=1)[0])
            ended, goes_on = ends_sentence(above.text), below.text[0].islower()
            if (ended and not full and not (goes_on and widest)) or not (ended or goes_on or widest):
                found[place] = ended
        return {place: sure for place, sure in found.items() if not self.lines[place].text.startswith("%")}

    def _length(self, line: Line) -> int:
        return len(line.text) + (_TAG_WIDTH if line is self.lines[0] else 0)


class TaggedRecord:
    """The fields of one record. A text that spans several lines keeps its line ends.

    `behind` are lines between this record and the next, or the end of the file: its own if the record continues below
    them. `under` are lines directly under its last text that are a paragraph, or several, that nothing closes: they may
    be a service's own. They are in the text only where they are too long for that.
    """

    def __init__(
        self, fields: Iterable[Field], enclosed: bool = False, behind: Iterable[Line] = (), under: Iterable[Line] = ()
    ) -> None:
        self._fields = list(fields)
        self._enclosed = enclosed
        self.behind = tuple(behind)
        self.under = tuple(under)
        self.line = self._fields[0].number
        self.tags = {field.tag for field in self._fields}
        self._texts: dict[str, list[str]] = {}
        for one in self._fields:
            self._texts.setdefault(one.tag, []).append(one.text.strip())

    def first(self, *tags: str) -> str:
        """Return the first text under the first of the tags that has one."""
        return next((text for tag in tags for text in self._texts.get(tag, ()) if text), "")

    def all(self, *tags: str) -> tuple[str, ...]:
        """Return all texts under the first of the tags that has any."""
        return next((found for tag in tags if (found := tuple(filter(None, self._texts.get(tag, ()))))), ())

    def is_gone_on_by(self, fields: list[Field], layout: Layout) -> bool:
        """Return whether fields after an empty line still belong to this record: they repeat nothing that it says."""
        tags = {field.tag for field in fields}
        again = tags & self.tags & (layout.abstracts | layout.once | layout.authors)
        titled = tags & layout.titles and self.tags & layout.titles
        whole = self.tags & layout.starts and fields[0].tag != self._fields[0].tag
        return bool(whole and not (tags & layout.starts or again or titled))

    def joined(self, fields: list[Field], behind: Iterable[Line]) -> TaggedRecord:
        """Return this record with more fields, and the lines above them as the end of its last text."""
        self._fields[-1].lines += self.behind
        return TaggedRecord([*self._fields, *fields], behind=behind)

    def cut_to_its_own(self, layout: Layout, width: int) -> TaggedRecord:
        """Return this record, which no end tag closes, without what a service may have written under its last text."""
        last = self._fields[-1]
        if layout.indented or last.tag not in layout.abstracts | layout.authors:
            return self
        own = len(last.lines)
        for place, sure in reversed(last.paragraphs(width).items()):
            if begins_with_label(last.lines[place].text):
                break
            if not sure or sum(len(line.text) for line in last.lines[place:own]) > _LONGEST_FOOTER:
                kept = last.lines[place:own] if own == len(last.lines) else []
                return self._above(own, kept or last.lines[own:])
            own = place
        return self._above(own, last.lines[own:])

    def _above(self, end: int, under: Iterable[Line]) -> TaggedRecord:
        """Return this record with its last text up to a line."""
        *fields, last = self._fields
        return TaggedRecord([*fields, Field(last.tag, last.lines[:end])], behind=self.behind, under=under)

    @property
    def keeps_what_is_under_it(self) -> bool:
        """Whether the last text ends with the lines of `under`."""
        return bool(self.under) and self._fields[-1].lines[-1] == self.under[-1]

    def flaw(self, layout: Layout) -> str:
        """Say what is in this record twice, with other fields between; empty for a sound record.

        Between its own start and end tags a record may repeat all but its title.
        """
        twice = repeated(self._fields, layout.titles if self._enclosed else layout.stated_once)
        if not twice:
            return ""
        above, below = twice
        reason = f"{above.tag} appears twice in one record, on lines {above.number} and {below.number}"
        return f"{reason}, so it may be two: put an empty line where the second begins, or delete one"


def repeated(fields: list[Field], tags: Set[str]) -> tuple[Field, Field] | None:
    """Return two fields of one of the tags that say different things and don't follow each other."""
    last: dict[str, tuple[int, Field]] = {}
    for place, below in enumerate(fields):
        if below.tag in tags:
            above = last.get(below.tag)
            if above and above[0] != place - 1 and above[1].text.strip() != below.text.strip():
                return above[1], below
            last[below.tag] = place, below
    return None


def ends_sentence(text: str) -> bool:
    """Return whether a text ends as a sentence does."""
    return bool(_SENTENCE_END.search(text))
