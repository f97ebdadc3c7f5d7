"""The question set: what is asked, and what a right answer must contain. Layout and rules: `eval/data/README.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.json_lines import read_lines
from rag.errors import InputError, SourceError
from rag.text.words import terms

QUESTIONS = Path(__file__).parent / "data" / "questions.jsonl"

ANSWERABLE = (
    "figure", "definition", "method", "finding", "paraphrase", "comparison", "synthesis", "dispute",
    "false_premise", "follow_up", "language", "typo",
)  # fmt: skip
UNANSWERABLE = ("gold_removed", "absent", "full_text", "off_field")
# What a question of one's own is where its file says nothing of kinds.
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
    chosen = tuple(case for case in cases if split == "all" or case.split in (split, ""))
    if not chosen:
        raise InputError(f"{path}: no questions in the split {split!r}: name a file with questions, or another split")
    return chosen


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def parse_case(row: Mapping[str, Any]) -> Case:
    """Return the case in a JSON object. Raises `KeyError`, `TypeError` or `ValueError` saying what is wrong."""
    unknown = sorted(set(row) - set(Case.__slots__))
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    gold = _texts(row.get("gold", []) if "kind" in row else row["gold"])
    if row.get("split", "") not in (*SPLITS, ""):
        raise ValueError(f"unknown split {row['split']!r}: choose {' or '.join(SPLITS)}, or leave it out")
    return Case(
        id=_text(row["id"]),
        kind=_text(row.get("kind", QUESTION if gold else NO_ANSWER)),
        split=row.get("split", ""),
        question=_text(row["question"]),
        history=tuple({"role": _text(t["role"]), "content": _text(t["content"])} for t in row.get("history", ())),
        gold=gold,
        evidence=tuple(_evidence(e) for e in row.get("evidence", ())),
        expected=tuple(_texts(group) for group in row.get("expected", ())),
        forbidden=_texts(row.get("forbidden", [])),
        remove=_texts(row.get("remove", [])),
        nuggets=tuple(_nugget(nugget) for nugget in row.get("nuggets", ())),
        **{name: row.get(name, "") for name in ("field", "reason", "standalone")},
    )


def _nugget(row: Mapping[str, Any]) -> Nugget:
    if not isinstance(row["vital"], bool):
        raise ValueError(f"vital is {row['vital']!r}: give true or false")
    evidence = tuple(_evidence(e) for e in row.get("evidence", ()))
    return Nugget(_text(row["fact"]), row["vital"], evidence, _texts(row.get("alternatives", [])))


def _evidence(found: Any) -> GoldSentence:
    """Read a sentence as {"paper", "sentence"}, or as [paper id, number of the sentence]."""
    if isinstance(found, Mapping):
        return GoldSentence(_text(found["paper"]), found.get("sentence", ""), found.get("number"))
    paper, number = found
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError(f"the number of a sentence is {number!r}: give a whole number from 0")
    return GoldSentence(_text(paper), number=number)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} isn't a text")
    return value


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise ValueError(f"{values!r} isn't a list of texts")
    return tuple(_text(value) for value in values)


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
