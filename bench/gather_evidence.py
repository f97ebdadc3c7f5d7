"""Search a library for every question of a set, and keep the evidence for `bench/train_declining.py`.

    python bench/gather_evidence.py eval/data gathered.pickle [--written ../shared --library FOLDER]

Each answerable question of one gold paper is asked a second time without that paper: it must be declined then. With
`--written` the questions of `training/` that the reader was not trained on are asked as well, of a library of our own
abstracts and some public ones, which `--library` keeps.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rag import Library
from rag.arguments import parse_filters
from rag.models.reader import default_reader
from rag.question.answering import read
from rag.question.follow_up import stand_alone, turns_of
from rag.text.question_form import QuestionReading
from rag.types import Evidence, Hit
from training.split import put_aside
from training.written import HERE, Abstract, read_abstracts, read_questions

PAPERS = 10
UNANSWERABLE = {"gold_removed", "absent", "full_text", "off_field"}
ASKED_TWICE = {"figure", "finding", "method", "definition", "paraphrase"}
STRANGERS = 500  # public abstracts that no question is about


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was found for it. `answers`: sentences that answer, of the gold paper, where known."""

    name: str
    kind: str
    split: str
    question: str
    answerable: bool
    evidence: tuple[Evidence, ...]
    hits: tuple[Hit, ...]
    read: dict[int, float]  # what the reader says of each sentence, by number
    answers: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()


def found(
    library: Library, asked: str, removed: Sequence[str]
) -> tuple[tuple[Evidence, ...], tuple[Hit, ...], dict[int, float]]:
    """Return the evidence for a question, the papers, and what the reader says of each sentence."""
    filters = parse_filters({"exclude": list(removed)} if removed else {})
    hits = library.find(asked, PAPERS, filters)
    evidence = library.gather(asked, hits)
    return evidence, tuple(hits), read(asked, evidence, default_reader())


def of_the_set(data: Path) -> Iterator[Asked]:
    """Ask the questions of the repository's set of its demo library."""
    questions = []
    for name in ("questions.jsonl", "../../bench/declining_questions.jsonl"):
        lines = (data / name).read_text(encoding="utf-8").splitlines()
        questions += [json.loads(line) for line in lines]
    jobs = [(q["id"], q["kind"], q, q.get("remove", []), q["kind"] not in UNANSWERABLE) for q in questions]
    jobs += [(q["id"], "without_gold", q, q["gold"], False) for q in questions if q["kind"] in ASKED_TWICE]
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "library")
        library.add(data / "library.jsonl")
        for name, kind, question, removed, answerable in jobs:
            asked = question["question"]
            if question.get("history"):
                asked = stand_alone(QuestionReading(asked), turns_of(question["history"]))
            yield Asked(name, kind, question["split"], asked, answerable, *found(library, asked, removed))


def of_the_written(shared: Path, folder: Path) -> Iterator[Asked]:
    """Ask the written questions that the reader was not trained on."""
    abstracts = read_abstracts(shared)
    files = sorted((HERE / "questions").glob("*.txt"))
    asked = [q for file in files for q in read_questions(file) if put_aside(q.abstract) or "heldout" in file.stem]
    library = Library.open(folder)
    if not len(library):
        library.add(_corpus(abstracts, {question.abstract for question in asked}, folder))
    for number, question in enumerate(asked):
        gold = abstracts[question.abstract]
        yield Asked(
            f"written-{number}", question.kind, "aside", question.text, bool(question.answers),
            *found(library, question.text, ()), _texts(gold, question.answers), _texts(gold, question.partly),
        )  # fmt: skip


def _texts(abstract: Abstract, places: Iterable[int]) -> tuple[str, ...]:
    return tuple(abstract.sentences[place] for place in places)


def _corpus(abstracts: dict[str, Abstract], needed: set[str], folder: Path) -> Path:
    own = {name for name in abstracts if name.startswith("own:")}
    others = sorted(abstracts.keys() - own - needed)
    chosen = sorted(own | needed) + Random(5).sample(others, STRANGERS)
    file = folder.parent / f"{folder.name}.jsonl"
    records = ({"title": abstracts[n].title, "abstract": " ".join(abstracts[n].sentences), "id": n} for n in chosen)
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--written", type=Path, help="where `benchmarks` lies; asks the written questions as well")
    parser.add_argument("--library", type=Path, default=Path("build/written-library"))
    options = parser.parse_args()
    rows = list(of_the_set(options.data))
    if options.written:
        rows += of_the_written(options.written, options.library)
    options.out.write_bytes(pickle.dumps(rows))


if __name__ == "__main__":
    main()
