"""What people are asked about a run, and the labels that they gave, kept beside it.

Of sentences they are asked whether what these cite supports them, of answers which facts these state and which of their
sentences answer the question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from eval.json_lines import read_lines
from eval.judges.judged import Judged, resolves
from eval.judges.labelled_pairs import read_pairs
from eval.judges.nuggets import FULL, NONE, PARTIAL, NuggetsFound
from eval.metrics import scores_of
from eval.questions import Nugget
from eval.runs.run import Row, Run
from rag.errors import SourceError
from rag.views.counts import counted

# The same sentences and answers are drawn each time, so that labelling can go on another day.
SEED = 20_240_229
DEGREES = (FULL, PARTIAL, NONE)


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence with the passages that it cites, and the judge's verdict. `verbatim`: one holds it word for word."""

    id: str
    text: str
    evidence: str
    verdict: str
    verbatim: bool


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """An answer to label: the sentences of it that were read, and the facts that a good answer states."""

    id: str
    question: str
    sentences: tuple[str, ...]
    facts: tuple[Nugget, ...]


# What people are asked about.
_Asked = TypeVar("_Asked", CitedSentence, StatedFacts)


def cited_sentences(rows: Iterable[Row]) -> list[CitedSentence]:
    """Return the sentences that cite and got a verdict."""
    return [
        _sentence(row, place, judged)
        for row in rows
        for place, judged in enumerate(row.judged, start=1)
        if judged["together"] and judged["together"]["verdict"] != "unknown"
    ]


def _sentence(row: Row, place: int, judged: Mapping[str, Any]) -> CitedSentence:
    texts = cited(row, judged["marks"])
    plain = " ".join(str(judged["text"]).split())
    verdict = str(judged["together"]["verdict"])
    return CitedSentence(sentence_id(row, place), plain, "\n\n".join(texts), verdict, stands(plain, texts))


def sentence_id(row: Row, place: int) -> str:
    """Return the id by which the label of a judged sentence is kept; `place` counts from 1."""
    return f"{row.case.id}#{place}"


def cited(row: Row, marks: Sequence[int]) -> list[str]:
    """Return the texts that marks of an answer lead to."""
    passages = row.response.passages
    return [passages[mark - 1].text for mark in marks if resolves(mark, passages)]


def stands(text: str, evidence: Sequence[str]) -> bool:
    """Whether one of the texts holds a sentence word for word."""
    return any(" ".join(text.split()) in " ".join(held.split()) for held in evidence)


def sentences_to_label(run: Run, count: int) -> list[CitedSentence]:
    """Draw the sentences whose labels matter: those that are in no cited passage, where the judge may err."""
    return _drawn([sentence for sentence in cited_sentences(run.rows.values()) if not sentence.verbatim], count)


def answers_to_label(run: Run, count: int) -> list[StatedFacts]:
    """Draw the answers whose facts the judge had to find."""
    return _drawn([_facts_of(row, row.nuggets) for row in run.rows.values() if row.nuggets], count)


def _facts_of(row: Row, found: NuggetsFound) -> StatedFacts:
    read = tuple(claim.text for claim in row.response.claims[: found.read])
    return StatedFacts(row.case.id, row.case.question, read, row.case.facts)


def _drawn(found: Sequence[_Asked], count: int) -> list[_Asked]:
    """Draw at random by id: of two runs of the same questions the same ones, so that their labels can be compared."""
    return sorted(found, key=lambda one: hashlib.sha256(f"{SEED} {one.id}".encode()).digest())[:count]


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that people gave to a run: of its sentences by their id, of its answers by that of the question."""

    support: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, NuggetsFound] = field(default_factory=dict)


def support_file(run: Path) -> Path:
    """Return where the labels of a run's sentences are kept."""
    return run.with_suffix(".labels.jsonl")


def facts_file(run: Path) -> Path:
    """Return where the labels of a run's answers are kept."""
    return run.with_suffix(".facts.jsonl")


def labels_beside(path: Path, run: Run) -> Labels:
    """Return the labels that are kept beside a run file, none where it has none."""
    return Labels(support_labels(support_file(path)), fact_labels(facts_file(path), run))


def support_labels(path: Path) -> dict[str, str]:
    """Return the labels that people gave to sentences, by the id of the sentence; nothing where no file is."""
    if not path.exists() or not any(True for _ in read_lines(path)):
        return {}
    return {pair.id: pair.label for pair in read_pairs(path)}


def fact_labels(path: Path, run: Run) -> dict[str, NuggetsFound]:
    """Return what people found in the answers of a run, by the id of the question; nothing where no file is.

    Raises `SourceError` for a line that doesn't fit the answer that it names.
    """
    if not path.exists():
        return {}
    asked = {answer.id: answer for answer in answers_to_label(run, len(run.rows))}
    return {str(line.get("id")): _labelled(path, number, line, asked) for number, line in read_lines(path)}


def _labelled(path: Path, number: int, line: Mapping[str, Any], asked: Mapping[str, StatedFacts]) -> NuggetsFound:
    answer, degrees, answering = asked.get(str(line.get("id"))), line.get("degrees"), line.get("answering")
    if answer is None:
        raise SourceError(path, f"no answer of this run is {line.get('id')!r}: name the labels of this run", number)
    facts, sentences = len(answer.facts), len(answer.sentences)
    if not _are(degrees, facts, DEGREES):
        wanted = f"give {', '.join(DEGREES[:-1])} or {DEGREES[-1]} for each of its {counted(facts, 'fact')}"
        raise SourceError(path, f"degrees is {degrees!r}: {wanted}", number)
    if not _are(answering, sentences, (True, False)):
        wanted = f"give true or false for each of its {counted(sentences, 'sentence')}"
        raise SourceError(path, f"answering is {answering!r}: {wanted}", number)
    return NuggetsFound(tuple(degrees or ()), tuple(answering or ()), len(answer.sentences))


def _are(values: object, count: int, allowed: Sequence[object]) -> bool:
    return isinstance(values, list) and len(values) == count and all(value in allowed for value in values)


def as_labelled(row: Row, found: NuggetsFound) -> dict[str, float]:
    """Return the metrics of one answer with what people found in it in place of the judge's verdicts."""
    unread = len(row.response.claims) - found.read
    answering = (*found.answering, *[0.0] * unread)
    item = Judged(row.case, row.response, (), NuggetsFound(found.degrees, answering, found.read))
    return {name: score.value for name, score in scores_of(item).items() if score.value is not None}
