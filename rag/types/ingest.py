"""What an add did, record by record."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types.papers import Notice, Origin
from rag.views import documents


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record or file that was skipped: its origin, its title if it had one, and why."""

    file: str
    reason: str
    line: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records merged into one paper, and the evidence for it: `origin` joined the paper of `other`.

    `unused` names those of the two whose abstract conflicts with the one in use.
    """

    paper_id: str
    title: str
    by: str
    origin: Origin
    other: Origin | None = None
    unused: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record that contradicts what is in use for its paper, in these fields: `used` is the origin of that."""

    paper_id: str
    title: str
    origin: Origin
    used: Origin
    fields: tuple[str, ...] = ("abstract",)


@dataclass(frozen=True, slots=True)
class Marked:
    """A paper that an add marked as retracted, corrected or doubted: `notice.said_by` always names the record."""

    paper_id: str
    title: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class SharedIdentity:
    """An identity that several papers share, such as the DOI of a whole volume: they are kept separate."""

    name: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an add did, record by record: every record read is in exactly one of these.

    `added`, `updated` and `unchanged` hold paper ids; `merged` lists records that joined a paper added by another
    record, or that changed nothing in one; `notices` are retractions, corrections and concerns without an abstract,
    kept for the papers that they are about; `without_abstract` and `rejected` name what was not indexed; `shared` names
    identities that different papers have in common. Where the records of a source are synchronised, `removed` holds the
    ids of papers that went with their last record, and `kept` those that lost one and have others.
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    merged: tuple[Merge, ...] = ()
    notices: tuple[Rejection, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    without_abstract: tuple[Rejection, ...] = ()
    cut: tuple[Rejection, ...] = ()  # records that are kept though their abstract says that it isn't whole
    shared: tuple[SharedIdentity, ...] = ()
    conflicts: tuple[Conflict, ...] = ()  # records of this add of which an abstract or a field is kept but not used
    marked: tuple[Marked, ...] = ()  # papers with a notice that they didn't have before
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unreadable: tuple[Rejection, ...] = ()  # whole files, or the rest of a file from a line on
    records: int = 0
    embedded: int = 0  # windows embedded
    seconds: float = 0.0
    interrupted: bool = False  # by Ctrl-C, before its end

    def __repr__(self) -> str:
        return documents.report_line(self)
