"""What one person marks in a library: stars and notes. Nobody else sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rag.errors import PaperNotFoundError
from rag.library import Library
from rag.types import Paper

LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Marks:
    """The ids of the starred papers, and the notes by paper id."""

    starred: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)

    def noted(self, paper: Paper) -> Paper:
        """Return a paper with its note among those from its files, as an export gives them."""
        note = self.notes.get(paper.id)
        return replace(paper, notes=(*paper.notes, note)) if note else paper


NO_MARKS = Marks()


def read_marks(stored: Iterable[tuple[str, bool, str]], library: Library) -> Marks:
    """Return stored marks under the ids that their papers have now; those of removed papers are left out."""
    starred: set[str] = set()
    notes: dict[str, str] = {}
    for name, star, note in stored:
        try:
            paper = library.get(name).id
        except PaperNotFoundError:
            continue
        if star:
            starred.add(paper)
        if note:  # papers that were merged may each have one
            notes[paper] = "\n".join(filter(None, (notes.get(paper), note)))
    return Marks(frozenset(starred), notes)
