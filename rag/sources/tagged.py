"""Records of tagged lines, as RIS, MEDLINE, Web of Science and EndNote write them: a tag, a text, lines that go on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from rag.sources.reading import Line

_TITLES = {"TI", "T1", "T"}


@dataclass
class TaggedRecord:
    """The fields of one record, by tag. A text that goes on over several lines holds them with line ends between."""

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    _before_pause: dict[str, int] = field(default_factory=dict)  # how many texts each field had at the last empty line
    _resumed: int = 0  # the first line with a tag behind it

    def add(self, tag: str, text: str) -> None:
        """Add a tagged line."""
        self.fields.setdefault(tag, []).append(text)

    def take(self, tag: str, tagged: str | None, text: str, line: int) -> None:
        """Take in a line: the text behind its tag, or where it has none, a line that goes on or an empty one."""
        if tagged is not None:
            self.add(tag, tagged)
            self._resumed = self._resumed or line
        elif text:
            self.fields[tag][-1] += f"\n{text}"
        else:  # another record may begin behind it
            self._before_pause = {name: len(texts) for name, texts in self.fields.items()}
            self._resumed = 0

    def is_left_by(self, tag: str) -> bool:
        """Return whether a second title begins another record: there was an empty line since the first."""
        return tag in _TITLES and bool(self._before_pause.get(tag))

    def cut(self, line: int) -> TaggedRecord:
        """Take what came behind the last empty line away, as a record of its own; `line` is where it is cut."""
        behind = {tag: texts[self._before_pause.get(tag, 0) :] for tag, texts in self.fields.items()}
        self.fields = {tag: texts[: self._before_pause.get(tag, 0)] for tag, texts in self.fields.items()}
        return TaggedRecord(self._resumed or line, {tag: texts for tag, texts in behind.items() if texts})

    def first(self, *tags: str) -> str:
        """Return the first text under the first of the tags that has one."""
        return next((text.strip() for tag in tags for text in self.fields.get(tag, ()) if text.strip()), "")

    def all(self, *tags: str) -> tuple[str, ...]:
        """Return all texts under the first of the tags that has any."""
        for tag in tags:
            found = tuple(text.strip() for text in self.fields.get(tag, ()) if text.strip())
            if found:
                return found
        return ()


def tagged_records(
    lines: Iterable[Line], tag: re.Pattern[str], starts: Set[str], ends: Set[str] = frozenset()
) -> Iterator[TaggedRecord]:
    """Yield the records; what stands before the first start belongs to none.

    `tag` has two groups, tag and text. A record without its end tag is closed by the next start or the file's end. One
    without its start tag begins behind an end tag, or behind an empty line where a second title follows: nothing is
    lost, and no paper gets another's words.
    """
    record: TaggedRecord | None = None
    last, begun = "", False
    for number, text in lines:
        match = tag.match(text)
        name = match.group(1).upper() if match else ""
        if record and (name in starts | ends or record.is_left_by(name)):
            behind = record.cut(number) if name not in starts | ends else None
            yield record
            record = behind
        if name in starts or (begun and record is None and match and name not in ends):
            record, begun = TaggedRecord(number), True
        last = name or last
        if record:
            record.take(last, match.group(2) or "" if match else None, text.strip(), number)
    if record:
        yield record
