"""What readers say about answers, and the questions for `python -m eval` that follow from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rag.chat.turns import Turn
from rag.errors import InputError, LibraryError
from rag.library import Library
from rag.serialization import to_json
from rag.text.words import fold_title
from rag.types import Answer, Paper
from rag.views import documents

LONGEST_NOTE = 2_000


class Kind(StrEnum):
    """What a reader says about an answer."""

    GOOD = "good"
    WRONG_CITATION = "wrong_citation"
    NO_ANSWER = "no_answer"
    MISSING_PAPER = "missing_paper"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said about one answer: papers wrongly cited, papers that answer the question, and a note.

    `unanswerable`: no paper of the library answers the question.
    """

    kind: Kind
    wrong: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    unanswerable: bool = False
    note: str = ""


def read(form: Mapping[str, Any], answer: Answer, library: Library) -> Feedback:
    """Return what a reader filled in. Raises `InputError` for what can't be kept: nothing chosen, an unknown paper."""
    chosen = str(form.get("kind", ""))
    if chosen not in list(Kind):
        raise InputError("choose what is right or wrong about this answer")
    kind = Kind(chosen)
    named = "" if kind is Kind.GOOD else str(form.get("right", ""))  # a box that isn't shown may hold an old text
    right = tuple(_paper(name, library) for name in named.split(";") if name.strip())
    wrong = (
        _numbered(str(form.get("wrong", "")), documents.numbered(answer.sentences))
        if kind is Kind.WRONG_CITATION
        else ()
    )
    if kind is Kind.MISSING_PAPER and not right:
        raise InputError("name the missing paper by its title, its DOI or its id")
    none = kind is Kind.NO_ANSWER and bool(form.get("unanswerable"))
    return Feedback(kind, wrong, right, none, str(form.get("note", "")).strip()[:LONGEST_NOTE])


def case(turn: Turn, said: Feedback, history: Iterable[Turn] = ()) -> dict[str, Any] | None:
    """Return the question and what a right answer needs, as a line of a question set (see `eval/data/README.md`).

    None where the feedback doesn't settle which papers are right.
    """
    if turn.answer is None:
        return None
    cited = {paper.id: paper for paper in turn.answer.papers}
    kept = [] if said.kind is Kind.NO_ANSWER else [name for name in cited if name not in said.wrong]
    gold = list(dict.fromkeys([*kept, *said.right]))
    declined = said.kind is Kind.GOOD and not turn.answer.sentences
    if not gold and not said.unanswerable and not declined:
        return None
    row: dict[str, Any] = {"id": f"feedback-{turn.id}", "question": turn.question, "gold": gold}
    before = [line for earlier in history if earlier.answer is not None for line in _exchange(earlier)]
    if before:
        row["history"] = before
    if said.kind is Kind.GOOD and gold:
        row["evidence"] = _evidence(turn.answer)
    row["reason"] = ": ".join(filter(None, [said.kind.value.replace("_", " "), " ".join(said.note.split())]))
    return row


def record(turn: Turn, said: Feedback) -> dict[str, Any]:
    """Return feedback with the whole answer that it is about, receipt and all."""
    return {"question": turn.question, "library": turn.library, "feedback": to_json(said),
            "answer": to_json(turn.answer)}  # fmt: skip


def lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _exchange(turn: Turn) -> tuple[dict[str, str], dict[str, str]]:
    text = turn.answer.text if turn.answer is not None else ""
    return {"role": "user", "content": turn.question}, {"role": "assistant", "content": text or "(no answer)"}


def _evidence(answer: Answer) -> list[dict[str, str]]:
    pins = [pin for sentence in answer.sentences for pin in sentence.citations if pin.quote]
    return [{"paper": paper, "sentence": quote} for paper, quote in dict.fromkeys((p.paper.id, p.quote) for p in pins)]


def _numbered(text: str, papers: Mapping[int, Paper]) -> tuple[str, ...]:
    """Return the ids of the papers with these numbers; of the only one, if none is given."""
    numbers = [int(number) for number in re.findall(r"[0-9]{1,4}", text)] or (list(papers) if len(papers) == 1 else [])
    if not numbers or not all(number in papers for number in numbers):
        raise InputError(f"which citation is wrong? Give its number: {', '.join(map(str, papers))}")
    return tuple(papers[number].id for number in dict.fromkeys(numbers))


def _paper(name: str, library: Library) -> str:
    """Return the id of the paper of this id, DOI or title."""
    try:
        return library.get(name.strip()).id
    except LibraryError:
        pass
    wanted = fold_title(name)
    found = [paper for paper in library.papers() if fold_title(paper.title) == wanted]
    found = found or [paper for paper in library.papers() if wanted and wanted in fold_title(paper.title)]
    if len(found) != 1:
        why = f"{len(found)} papers here have" if found else "no paper here has"
        raise InputError(f"{why} the id, DOI or title {name.strip()[:120]!r}: give its whole title, its DOI or its id")
    return found[0].id
