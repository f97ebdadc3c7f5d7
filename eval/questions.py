"""The question set: what is asked, and what a right answer must contain. Layout and rules: `eval/data/README.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.json_lines import read_lines
from eval.json_values import (
    checked,
    list_of,
    objects_of,
    refuse_unknown,
    said,
    said_of,
    shown,
    texts_of,
    value_of,
)
from rag.errors import InputError, SourceError
from rag.text.words import terms

QUESTIONS = Path(__file__).parent / "data" / "questions.jsonl"

ANSWERABLE = (
    "figure", "definition", "method", "finding", "paraphrase", "comparison", "synthesis", "dispute",
    "false_premise", "follow_up", "language", "typo",
)  # fmt: skip
UNANSWERABLE = ("gold_removed", "absent", "full_text", "off_field")
# The kind of a question whose file names none.
QUESTION, NO_ANSWER = "question", "unanswerable"
SPLITS = ("dev", "test")
# From here on (CJK radicals), scripts have no spaces between words, so a letter before a match means nothing.
FIRST_UNSPACED = "\u2e80"


@dataclass(frozen=True, slots=True)
class GoldSentence:
    """A sentence of a paper's abstract that holds an answer: its text, or its number there, from 0."""

    paper: str
    sentence: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Nugget:
    """A fact that a good answer states (`vital`), or one that it may add, with the sentences that state it.

    `alternatives`: an answer with one of these strings states it.
    """

    fact: str
    vital: bool
    evidence: tuple[GoldSentence, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One question. `gold`, `remove` and `evidence[].paper` are paper ids.

    `expected` holds groups of alternatives: a right answer holds at least one of each group. `forbidden` are
    strings that a right answer holds none of. `remove` are papers that the question is asked without.
    """

    id: str
    kind: str
    split: str
    question: str
    history: tuple[Mapping[str, str], ...] = ()
    gold: tuple[str, ...] = ()
    evidence: tuple[GoldSentence, ...] = ()
    expected: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    nuggets: tuple[Nugget, ...] = ()
    field: str = ""
    reason: str = ""
    standalone: str = ""

    @property
    def facts(self) -> tuple[Nugget, ...]:
        """The nuggets; for a question without, one for each expected group and each further evidence sentence."""
        return self.nuggets or _nuggets_of(self.expected, self.evidence)

    @property
    def answerable(self) -> bool:
        """Whether the library, without the papers in `remove`, holds an answer."""
        return self.kind not in (*UNANSWERABLE, NO_ANSWER)


def _nuggets_of(expected: Sequence[tuple[str, ...]], evidence: Sequence[GoldSentence]) -> tuple[Nugget, ...]:
    found, used = [], set()
    for group in expected:
        stating = tuple(e for e in evidence if any(holds(e.sentence, wanted) for wanted in group))
        used |= set(stating)
        found.append(Nugget(stating[0].sentence if stating else group[0], True, stating, group))
    rest = [Nugget(e.sentence, not expected, (e,)) for e in evidence if e not in used]
    return (*found, *rest)


def holds(text: str, wanted: str) -> bool:
    """Whether `text` contains `wanted` whole, with case and white space folded.

    A figure must not be part of a longer one: "5%" is not in "12.5%", nor "12" in "123" or "12.5".
    """
    haystack, needle = _fold(text), _fold(wanted)
    at = haystack.find(needle)
    while needle and at >= 0:
        if not (_continues_left(haystack, at) or _continues_right(haystack, at + len(needle))):
            return True
        at = haystack.find(needle, at + 1)
    return False


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _continues_left(text: str, at: int) -> bool:
    """Whether a number or word that began before `at` continues past it."""
    if at == 0 or not text[at].isalnum():
        return False
    before = text[at - 1]
    if text[at].isdigit():  # a letter before a figure is left-over markup: "rightarrow73.4"
        return before.isdigit() or (before in ".," and at > 1 and text[at - 2].isdigit())
    return before.isalpha() and before < FIRST_UNSPACED


def _continues_right(text: str, end: int) -> bool:
    """Whether the number that ended before `end` continues. Words may: "increase" is found in "increases"."""
    if end >= len(text) or not text[end - 1].isdigit():
        return False
    return text[end].isdigit() or (text[end] in ".," and text[end + 1 : end + 2].isdigit())


def load_cases(path: str | Path = QUESTIONS, split: str = "all") -> tuple[Case, ...]:
    """Read a question set, all of it or the half named `dev` or `test`.

    Raises `SourceError` naming file and line for anything but a case, `InputError` if nothing is left.
    """
    if split not in (*SPLITS, "all"):
        raise InputError(f"no split {split!r}: choose dev, test or all")
    cases: list[Case] = []
    for number, row in read_lines(path):
        try:
            cases.append(parse_case({"id": f"question-{number}"} | row))
        except (KeyError, TypeError, ValueError) as error:
            fault = f"not a question in the expected layout: {_reason(error)} (see eval/data/README.md)"
            raise SourceError(path, fault, number) from error
    for name, count in Counter(case.id for case in cases).items():
        if count > 1:
            raise SourceError(path, f"the id {name!r} is used {count} times: give each question its own")
    if not cases:
        raise SourceError(path, "holds no question: write one object per line (see eval/data/README.md)")
    chosen = tuple(case for case in cases if split == "all" or case.split in (split, ""))
    if not chosen:
        raise InputError(f"{path}: no questions in the split {split!r}: name a file with questions, or another split")
    return chosen


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def parse_case(row: Mapping[str, Any]) -> Case:
    """Return the case in a JSON object. Raises `KeyError`, `TypeError` or `ValueError` saying what is wrong."""
    refuse_unknown(row, Case.__slots__, "a question")
    if "kind" not in row and "gold" not in row:
        raise KeyError("gold")
    gold = texts_of(row, "gold")
    split = row.get("split", "")
    if split not in (*SPLITS, ""):
        raise ValueError(f"unknown split {split!r}: choose {' or '.join(SPLITS)}, or leave it out")
    return Case(
        id=said_of(row, "id"),
        kind=said(row.get("kind", QUESTION if gold else NO_ANSWER), "kind"),
        split=split,
        question=said_of(row, "question"),
        history=tuple(
            {"role": said_of(t, "role"), "content": said_of(t, "content")} for t in objects_of(row, "history")
        ),
        gold=gold,
        evidence=tuple(_evidence(e) for e in list_of(row, "evidence")),
        expected=tuple(_group(group) for group in list_of(row, "expected")),
        forbidden=texts_of(row, "forbidden"),
        remove=texts_of(row, "remove"),
        nuggets=tuple(_nugget(nugget) for nugget in objects_of(row, "nuggets")),
        **{name: checked(row.get(name, ""), name, str) for name in ("field", "reason", "standalone")},
    )


def _group(group: object) -> tuple[str, ...]:
    """Read the alternatives of one expected string."""
    if not isinstance(group, list):
        raise ValueError(f"an entry of expected is {shown(group)}: give a list of its alternatives, in [ ]")
    return tuple(said(wanted, "an expected string") for wanted in group)


def _nugget(row: Mapping[str, Any]) -> Nugget:
    refuse_unknown(row, Nugget.__slots__, "a nugget")
    evidence = tuple(_evidence(e) for e in list_of(row, "evidence"))
    return Nugget(said_of(row, "fact"), value_of(row, "vital", bool), evidence, texts_of(row, "alternatives"))


def _evidence(found: Any) -> GoldSentence:
    """Read a sentence as {"paper", "sentence"}, or as [paper id, number of the sentence]."""
    if isinstance(found, Mapping):
        refuse_unknown(found, GoldSentence.__slots__, "an evidence sentence")
        number = _place(found["number"]) if found.get("number") is not None else None
        return GoldSentence(said_of(found, "paper"), checked(found.get("sentence", ""), "sentence", str), number)
    if not isinstance(found, list) or len(found) != 2:
        raise ValueError(f"an evidence sentence is {shown(found)}: give [paper id, number of the sentence]")
    return GoldSentence(said(found[0], "the paper of an evidence sentence"), number=_place(found[1]))


def _place(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"the number of a sentence is {shown(number)}: give a whole number from 0")
    return number


def check_cases(cases: Iterable[Case], papers: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return what is wrong with a question set on a library given as {paper id: (title, abstract)}.

    One line per fault, empty if the set is honest: gold papers exist and contain the evidence and expected strings,
    no question gives its answer away, a paraphrase shares no content word with what it asks for.
    """
    return [f"{case.id}: {fault}" for case in cases for fault in _faults(case, papers)]


def _faults(case: Case, papers: Mapping[str, tuple[str, str]]) -> list[str]:
    faults = [f"no paper {paper!r}" for paper in (*case.gold, *case.remove) if paper not in papers]
    if faults:
        return faults
    if (case.kind == "follow_up") != bool(case.history):
        faults.append("a follow_up has a history, and nothing else has")
    if (case.kind == "gold_removed") != bool(case.remove):
        faults.append("gold_removed names the papers to remove, and nothing else does")
    return faults + (_answer_faults(case, papers) if case.answerable else _unanswerable_faults(case))


def _unanswerable_faults(case: Case) -> list[str]:
    faults = []
    if case.expected or case.evidence or case.forbidden:
        faults.append("an unanswerable question expects nothing")
    if case.gold != case.remove:
        faults.append("an unanswerable question has no gold paper left")
    return faults


def _answer_faults(case: Case, papers: Mapping[str, tuple[str, str]]) -> list[str]:
    faults = []
    if not (case.gold and case.evidence and case.expected):
        faults.append("an answerable question has gold papers, evidence and expected strings")
    abstracts = [papers[paper][1] for paper in case.gold]
    for evidence in case.evidence:
        if evidence.paper not in case.gold or evidence.sentence not in papers[evidence.paper][1]:
            faults.append(f"evidence not in a gold paper: {evidence.sentence!r}")
    for group in case.expected:
        if not any(holds(abstract, wanted) for abstract in abstracts for wanted in group):
            faults.append(f"expected string in no gold paper: {group}")
        faults += [f"the question holds the expected {w!r}" for w in group if holds(case.question, w)]
        faults += [f"{w!r} is expected and forbidden" for w in group if w in case.forbidden]
    if case.kind == "synthesis" and not 3 <= len(case.gold) <= 6:
        faults.append(f"a synthesis needs 3-6 gold papers, not {len(case.gold)}")
    return faults + (_shared_words(case, papers) if case.kind == "paraphrase" else [])


def _shared_words(case: Case, papers: Mapping[str, tuple[str, str]]) -> list[str]:
    asked = set(terms(case.question))
    shared = {paper: asked & set(terms(" ".join(papers[paper]))) for paper in case.gold}
    return [f"a paraphrase shares {sorted(found)} with {paper}" for paper, found in shared.items() if found]


def kinds_of(cases: Iterable[Case]) -> tuple[str, ...]:
    """Return the kinds of these questions, those of the fixed set in its order, others as they come."""
    found = dict.fromkeys(case.kind for case in cases)
    fixed = [kind for kind in (*ANSWERABLE, *UNANSWERABLE) if kind in found]
    return tuple(dict.fromkeys([*(kind for kind in fixed if kind in ANSWERABLE), *found, *fixed]))
