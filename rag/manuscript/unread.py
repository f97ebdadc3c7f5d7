"""What a reader of manuscripts left unread, in words: no citation is dropped silently."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from rag.manuscript.passages import Manuscript, ManuscriptSentence, Mark, Paragraph

SHOWN = 5  # of those that are left, in a note
LONGEST_SHOWN = 80  # characters of an entry


def uncited_entries(references: Mapping[str, str], passages: Iterable[ManuscriptSentence]) -> tuple[str, ...]:
    """Return a note about the entries of a list of references that no sentence cites, none where all are cited.

    If a form of citation isn't read, it shows here.
    """
    cited = {key for passage in passages for key in passage.keys}
    keys: dict[str, set[str]] = {}
    for key, entry in references.items():
        if entry:
            keys.setdefault(entry, set()).add(key)
    left = [entry for entry, names in keys.items() if cited.isdisjoint(names)]
    if not left:
        return ()
    shown = "; ".join(f"“{entry[:LONGEST_SHOWN]}{'…' * (len(entry) > LONGEST_SHOWN)}”" for entry in left[:SHOWN])
    more = f"; and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    return (
        f"no sentence was read that cites {len(left)} of the {len(keys)} entries of the list of references, so they "
        f"aren't checked: {shown}{more}",
    )


def unread_marks(text: str, marks: Iterable[Mark], paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """Return a note about the citations of a text, at their offsets in it, that no paragraph has."""
    read = sorted((one.start + mark.start, one.start + mark.end) for one in paragraphs for mark in one.marks)
    starts = [start for start, _ in read]
    left = [mark for mark in marks if not _overlaps(read, starts, mark)]
    if not left:
        return ()
    lines = (f"{', '.join(mark.keys)} (line {text.count(chr(10), 0, mark.start) + 1})" for mark in left)
    shown = "; ".join(islice(lines, SHOWN))
    more = f"; and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    return (f"citations that stand in no sentence, as in a heading, a formula or code, aren't checked: {shown}{more}",)


def _overlaps(read: Sequence[tuple[int, int]], starts: Sequence[int], mark: Mark) -> bool:
    at = bisect_left(starts, mark.end) - 1
    return at >= 0 and read[at][1] > mark.start


def with_uncited(manuscript: Manuscript) -> tuple[str, ...]:
    """Return the notes of a manuscript with one about the entries of its list that no sentence cites."""
    return (*manuscript.notes, *uncited_entries(manuscript.references, manuscript.passages))
