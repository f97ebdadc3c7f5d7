"""Measure two features that `rag.question.answering` doesn't weigh yet, within the abstract that answers.

    python -m bench.weigh_sentences ../shared --keep build/sentences.pickle

Two sets that the reader wasn't trained on: the written questions that are put aside, and the second question set, whose
sentences count as answers where a vital fact rests on them. Prints each feature's worth on fields that it wasn't fitted
to, and the weights that follow from the written questions and all fields but the saved pages.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.logistic import area, fit
from bench.own_words import own_words
from eval.benchmarks.fields import FIELDS, PAGES, QUESTIONS, read_field
from rag.models.minilm import MiniLM
from rag.models.reader import default_reader
from rag.question.answering import features
from rag.question.answering_weights import BIAS, WEIGHTS
from rag.text.language import in_another_language
from rag.text.question_form import Form, QuestionReading
from rag.text.roles import role_of
from rag.text.sentences import split_sentences
from rag.types import Evidence, Paper, Role
from training.split import put_aside
from training.written import HERE, read_abstracts, read_questions

# By question its field, and each sentence's features with whether it answers.
Rows = Sequence[tuple[str, list[tuple[dict[str, float], float]]]]
ASIDE = "aside"
BEFORE = ("read", "relevance", "words")
NOW = (*BEFORE, "finding", "own")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with an abstract that answers it, and the sentences that do, by number."""

    field: str
    question: str
    title: str
    sentences: tuple[str, ...]
    answers: frozenset[int]
    partly: frozenset[int]


@dataclass(frozen=True, slots=True)
class Table:
    """What is weighed of each sentence: `values` by feature, whether it answers, and which pair it is of."""

    values: dict[str, NDArray[np.float64]]
    wanted: NDArray[np.float64]
    pairs: NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where `seeds` and `benchmarks` lie")
    parser.add_argument("--keep", type=Path, required=True, help="what was read, kept for the next run")
    options = parser.parse_args()
    if not options.keep.exists():
        pairs = [*written(options.folder), *of_the_fields(options.folder)]
        options.keep.write_bytes(pickle.dumps([(pair.field, measured(pair)) for pair in pairs]))
    rows = pickle.loads(options.keep.read_bytes())
    others = [ASIDE, *(field for field in FIELDS if field != PAGES)]
    for fitted, reported in (([ASIDE], FIELDS), (others, [PAGES]), ([PAGES], others[1:]), (FIELDS, [ASIDE])):
        for names in (BEFORE, (*BEFORE, "finding"), (*BEFORE, "own"), NOW):
            print(f"{'+'.join(fitted)} -> {'+'.join(reported)}, {', '.join(names)}:")
            print("  ", judged(joined(rows, reported), *weights(joined(rows, fitted), names)))
    found = scaled(weights(joined(rows, others), NOW)[1])
    print({name: round(weight, 4) for name, weight in found.items()}, f"bias {bias_of(found, rows, others):.4f}")


def written(folder: Path) -> Iterator[Pair]:
    """Yield the written questions that the reader wasn't trained on and that have an answer."""
    abstracts = read_abstracts(folder)
    for file in sorted((HERE / "questions").glob("*.txt")):
        for asked in read_questions(file):
            unseen = put_aside(asked.abstract) or "heldout" in file.stem
            if unseen and asked.answers and not in_another_language(asked.text):
                gold = abstracts[asked.abstract]
                sets = frozenset(asked.answers), frozenset(asked.partly)
                yield Pair(ASIDE, asked.text, gold.title, gold.sentences, *sets)


def of_the_fields(folder: Path) -> Iterator[Pair]:
    """Yield each question of the second set with each paper that a vital fact rests on."""
    questions = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    for field in FIELDS:
        papers = {paper.id: paper for paper in read_field(field, folder)}
        for asked in (asked for asked in questions if asked["field"] == field):
            for name in asked["gold"]:
                text = papers[name].abstract
                sentences = tuple(text[span.start : span.end] for span in split_sentences(text))
                vital, partly = (_resting(asked, name, vital) for vital in (True, False))
                if vital:
                    yield Pair(field, asked["question"], papers[name].title, sentences, vital, partly)


def _resting(asked: Mapping[str, Any], paper: str, vital: bool) -> frozenset[int]:
    facts = [fact for fact in asked["nuggets"] if fact["vital"] is vital]
    return frozenset(int(place) for fact in facts for name, place in fact["evidence"] if name == paper)


def measured(pair: Pair) -> list[tuple[dict[str, float], float]]:
    """Return the features of each sentence, and 1 where it answers, 0.5 where it does in part."""
    question, paper = QuestionReading(pair.question), Paper("one", pair.title, " ".join(pair.sentences))
    asked, *vectors = MINILM.embed([pair.question, *pair.sentences])
    [scores] = default_reader().answers(pair.question, [(pair.title, pair.sentences)])
    items = [
        Evidence(place + 1, paper, 0, len(text), text, float(asked @ vector), role)
        for place, (text, vector, role) in enumerate(zip(pair.sentences, vectors, role_of(pair.sentences), strict=True))
    ]
    own = own_words(pair.question, items, MINILM)
    found = []
    for place, (item, score) in enumerate(zip(items, scores, strict=True)):
        answers = 1.0 if place in pair.answers else 0.5 if place in pair.partly else 0.0
        known = features(question, item, score, 1.0)
        found.append(({**known, "finding": _finding(question, item.role), "own": own.get(item.number, 0.0)}, answers))
    return found


def _finding(question: QuestionReading, role: Role) -> float:
    """Whether a sentence is a result or a conclusion; what a thing is, or how it is done, stands anywhere."""
    anywhere = question.form in (Form.DEFINITION, Form.METHOD)
    return 0.5 if anywhere else float(role in (Role.RESULT, Role.CONCLUSION))


def joined(rows: Rows, fields: Sequence[str]) -> Table:
    """Put the sentences of these fields into one table."""
    chosen = [(number, one) for number, (field, items) in enumerate(rows) if field in fields for one in items]
    values = {name: np.array([found[name] for _, (found, _) in chosen]) for name in NOW}
    return Table(values, np.array([answers for _, (_, answers) in chosen]), np.array([number for number, _ in chosen]))


def weights(table: Table, names: Sequence[str]) -> tuple[float, dict[str, float]]:
    """Fit the weights of these features."""
    bias, found = fit(np.column_stack([table.values[name] for name in names]), table.wanted)
    return bias, dict(zip(names, map(float, found), strict=True))


def scaled(found: dict[str, float]) -> dict[str, float]:
    """Return the weights with what the reader says weighed as it is now: paper's place and gate go by that scale."""
    scale = WEIGHTS["read"] / found["read"]
    return {name: scale * weight for name, weight in found.items()}


def bias_of(found: dict[str, float], rows: Rows, fields: Sequence[str]) -> float:
    """Return the bias with which best sentences have the odds that they have now, in the mean."""
    now = {name: weight for name, weight in WEIGHTS.items() if name != "near"}

    def best(given: dict[str, float], items: Sequence[tuple[dict[str, float], float]]) -> float:
        return max(sum(weight * values[name] for name, weight in given.items()) for values, _ in items)

    return BIAS + float(np.mean([best(now, items) - best(found, items) for field, items in rows if field in fields]))


def judged(table: Table, bias: float, found: dict[str, float]) -> str:
    """Say how often the first sentence answers, and how well answers are told from the rest."""
    scores = bias + np.column_stack([table.values[name] for name in found]) @ np.array(list(found.values()))
    firsts = [
        bool(table.wanted[of][scores[of].argmax()] == 1) for of in (table.pairs == pair for pair in set(table.pairs))
    ]
    share = f"the first sentence answers {np.mean(firsts):.3f} of {len(firsts)}"
    return f"{share}, AUROC {area(table.wanted == 1, scores):.4f}"


MINILM = MiniLM()

if __name__ == "__main__":
    main()
