"""What happened to a writer's sentences: corrected, reworded, marked, or left out; an answer's issues, sorted.

The reasons for each change are many and long; what a reader needs first is how many sentences they concern, and how.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.views.citation_signs import VERDICTS
from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.types import Answer, Issue

LEFT_OUT, CORRECTED, REWORDED, CLEANED = "left out", "citation corrected", "rewritten", "links removed"
WITHHELD = "withheld from the writer"
_JUDGED = frozenset({"unsupported_sentence", "contradicted_sentence", "aim_as_finding", "confirmed_sentence"})
_DONE = {
    "recited": CORRECTED, "irrelevant_citation": CORRECTED, "invented_number": CORRECTED, "uncited_sentence": CORRECTED,
    "foreign_citation": CORRECTED, "repaired_sentence": REWORDED, "foreign_text": CLEANED,
}  # fmt: skip
# What the writer never saw: common to many answers over one library, and not about any sentence of this one.
_UNSEEN = frozenset({"withheld_sentences", "withheld_title"})
_GRAVE = frozenset({"retracted_paper"})
# How the message of an issue begins when it is shown alone; here the outcome is shown above it.
_OUTCOMES = ("Dropped: ", "Marked: ")
# Before the answer: how the question was understood.
_BEFORE = frozenset({"understood"})


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """A sentence that was changed, marked or left out, and why; empty for one that the writer never saw."""

    outcome: str
    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader must see, and the sentences of the answer that it is about; `grave`: don't rely on them."""

    message: str
    sentences: tuple[str, ...] = ()
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Notes:
    """The issues of an answer: those on the question, those that a reader must see, and the changes to sentences."""

    before: tuple[Issue, ...] = ()
    plain: tuple[Note, ...] = ()
    changes: tuple[SentenceChange, ...] = ()

    @property
    def summary(self) -> str:
        """The changes in one line: "1 sentence partly supported, 2 left out"."""
        counts: dict[str, int] = {}
        for change in self.changes:
            counts[change.outcome] = counts.get(change.outcome, 0) + 1
        return ", ".join(_counted(outcome, count) for outcome, count in counts.items())


def notes_of(answer: Answer) -> Notes:
    """Sort the issues of an answer; one that repeats the answer's own text is left out."""
    issues = [issue for issue in answer.issues if issue.message != answer.text]
    changed: dict[str, list[Issue]] = {}
    for issue in issues:
        if _is_change(issue):
            changed.setdefault(issue.sentence or "", []).append(issue)
    verdicts = {sentence.text: sentence.verdict.value for sentence in answer.sentences}
    changes = [
        SentenceChange(_outcome(of, verdicts.get(text)), text, tuple(dict.fromkeys(map(_reason, of))))
        for text, of in changed.items()
    ]
    changes += [SentenceChange(WITHHELD, "", (issue.message,)) for issue in issues if issue.code in _UNSEEN]
    apart = _BEFORE | _UNSEEN
    return Notes(
        tuple(issue for issue in issues if issue.code in _BEFORE),
        _together(issue for issue in issues if issue.code not in apart and not _is_change(issue)),
        tuple(sorted(changes, key=lambda change: _ORDER.index(change.outcome))),
    )


def _reason(issue: Issue) -> str:
    start = next((start for start in _OUTCOMES if issue.message.startswith(start)), "")
    return _upper(issue.message.removeprefix(start)) if start else issue.message


def _together(issues: Iterable[Issue]) -> tuple[Note, ...]:
    """Return each message once, with all the sentences that it is about."""
    found: dict[tuple[str, bool], list[str]] = {}
    for issue in issues:
        sentences = found.setdefault((issue.message, issue.code in _GRAVE), [])
        sentences += [issue.sentence] if issue.sentence else []
    return tuple(Note(message, tuple(dict.fromkeys(sentences)), grave) for (message, grave), sentences in found.items())


def lines(answer: Answer) -> list[str]:
    """Return what a reader should know about an answer, a line each."""
    notes = notes_of(answer)
    return [issue.message for issue in notes.before] + lines_after(answer)


def lines_after(answer: Answer) -> list[str]:
    """Return those of its lines that belong below the answer: all but how the question was understood."""
    notes = notes_of(answer)
    return [*map(_line, notes.plain), *map(_change_line, notes.changes)]


def _line(note: Note) -> str:
    return " ".join([note.message, *(f"“{sentence}”" for sentence in note.sentences)])


def _change_line(change: SentenceChange) -> str:
    reasons = " ".join(change.reasons)
    return f"{_upper(change.outcome)}: “{change.sentence}” {reasons}" if change.sentence else reasons


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


_ORDER = (*(sign.label for sign in VERDICTS.values()), CORRECTED, REWORDED, CLEANED, LEFT_OUT, WITHHELD)


_THINGS = {CORRECTED: "citation", WITHHELD: "passage"}


def _is_change(issue: Issue) -> bool:
    return bool(issue.sentence) and (issue.code in _JUDGED or issue.code in _DONE)


def _outcome(issues: Sequence[Issue], verdict: str | None) -> str:
    """Return what happened to a sentence; `verdict` is None where the answer doesn't have it."""
    if any(issue.code in _JUDGED for issue in issues):
        return VERDICTS[verdict].label if verdict else LEFT_OUT
    return next(_DONE[issue.code] for issue in issues)


def _counted(outcome: str, count: int) -> str:
    things = _THINGS.get(outcome, "sentence")
    how = "corrected" if outcome == CORRECTED else outcome
    return f"{counted(count, things)} {how}"
