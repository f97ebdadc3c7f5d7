"""Records of tagged lines, as RIS, MEDLINE, Web of Science and EndNote write them: a tag, a text, lines that go on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from rag.sources.reading import Line


@dataclass
class TaggedRecord:
    """The fields of one record, by tag. A text that goes on over several lines holds them with line ends between."""

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, tag: str, text: str) -> None:
        """Add a tagged line."""
        self.fields.setdefault(tag, []).append(text)

    def go_on(self, tag: str, text: str) -> None:
        """Add a line without a tag to the field above it."""
        self.fields[tag][-1] += f"\n{text}"

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
    """Yield the records; what stands before the first start or between an end and the next start belongs to none.

    `tag` has two groups, tag and text. A record without its end tag is closed by the next start or the file's end.
    """
    record: TaggedRecord | None = None
    last = ""
    for number, text in lines:
        match = tag.match(text)
        name = match.group(1).upper() if match else ""
        if record and name in starts | ends:
            yield record
            record = None
        if name in starts:
            record = TaggedRecord(number)
        if record and match:
            record.add(name, match.group(2) or "")
            last = name
        elif record and text.strip():
            record.go_on(last, text.strip())
    if record:
        yield record
