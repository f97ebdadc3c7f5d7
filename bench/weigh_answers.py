"""Compare whole answers without a model under other weights of `rag.question.answering`.

    python -m bench.weigh_answers ../shared --keep build/fields read=0.86,finding=0,figure=0,bias=-6.2,share=0.3

Asks the second question set, and both halves of the first, with the weights as shipped and with each setting given,
which changes some of them (`bias` and the writer's `share` too). What is declined is decided anew each time. A vital
fact is stated where a sentence that it rests on is quoted; of an answer only the first 40 words for each fact count,
60 at least. The reader reads each abstract once, so a further setting takes a minute or two.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.benchmarks.fields import FIELDS, QUESTIONS, field_library, read_field
from rag import Library, answer
from rag.models.reader import default_reader
from rag.question import answering
from rag.text.sentences import split_sentences
from rag.types import Answer, Status
from rag.write import extractive

DATA = QUESTIONS.parent.parent
WORDS_OF_A_FACT, LEAST_WORDS = 40, 60


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, with the sentences that each of its facts rests on; no fact where it can't be answered."""

    question: str
    history: tuple[Mapping[str, Any], ...]
    remove: tuple[str, ...]
    vital: tuple[tuple[str, ...], ...]
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def facts(self) -> tuple[tuple[str, ...], ...]:
        """All facts, the vital ones first."""
        return (*self.vital, *self.others)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer says of the facts: which vital ones are stated, and for each sentence whether it states any."""

    declined: bool
    stated: tuple[bool, ...]
    sentences: tuple[bool, ...]
    words: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("settings", nargs="*", type=_setting, help="name=value,name=value")
    parser.add_argument("--keep", type=Path, help="where the libraries of the fields stay")
    options = parser.parse_intermixed_args()
    reads_once()
    shipped = answering.WEIGHTS | {"bias": answering.BIAS, "share": extractive.SHARE}
    settings = [shipped, *(shipped | setting for setting in options.settings)]
    found: list[dict[str, list[Outcome]]] = [{} for _ in settings]
    for field in FIELDS:
        with field_library(field, options.folder, options.keep) as (library, ids):
            questions = list(of_field(field, options.folder, ids))
            for row, setting in zip(found, settings, strict=True):
                row[field] = outcomes(questions, library, setting)
    with TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "library")
        library.add(DATA / "library.jsonl")
        for half in ("dev", "test"):
            questions = list(of_half(half))
            for row, setting in zip(found, settings, strict=True):
                row[half] = outcomes(questions, library, setting)
    for row, setting in zip(found, settings, strict=True):
        print(setting)
        for name, results in (("fields", [one for field in FIELDS for one in row[field]]), *row.items()):
            print(f"  {name:13s}{summary(results)}")


def _setting(text: str) -> dict[str, float]:
    return {name: float(value) for name, _, value in (part.partition("=") for part in text.split(","))}


def reads_once() -> None:
    """Have the reader remember what it read."""
    reader = default_reader()
    read, known = reader.answers, dict[str, list[float]]()

    def remembered(question: str, abstracts: Sequence[tuple[str, Sequence[str]]]) -> list[list[float]]:
        keys = [json.dumps([question, *abstract]) for abstract in abstracts]
        new = [place for place, key in enumerate(keys) if key not in known]
        known.update(zip((keys[i] for i in new), read(question, [abstracts[i] for i in new]), strict=True))
        return [known[key] for key in keys]

    vars(reader)["answers"] = remembered


def of_field(field: str, folder: Path, ids: Mapping[str, str]) -> Iterator[Asked]:
    """Yield the questions of a field of the second set."""
    papers = {paper.id: paper.abstract for paper in read_field(field, folder)}
    sentences = {
        name: [abstract[s.start : s.end] for s in split_sentences(abstract)] for name, abstract in papers.items()
    }
    for row in _rows(QUESTIONS):
        if row["field"] == field:
            facts: dict[bool, list[tuple[str, ...]]] = {True: [], False: []}
            for nugget in row["nuggets"]:
                facts[nugget["vital"]].append(tuple(sentences[paper][place] for paper, place in nugget["evidence"]))
            removed = tuple(ids[one] for one in row.get("remove", ()))
            yield Asked(row["question"], (), removed, tuple(facts[True]), tuple(facts[False]))


def of_half(half: str) -> Iterator[Asked]:
    """Yield the questions of a half of the first set; each sentence of evidence is a fact."""
    for row in _rows(DATA / "questions.jsonl"):
        if row["split"] == half:
            facts = tuple((evidence["sentence"],) for evidence in row.get("evidence", ()))
            yield Asked(row["question"], tuple(row.get("history", ())), tuple(row.get("remove", ())), facts)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, file.read_text(encoding="utf-8").splitlines())


def outcomes(questions: Sequence[Asked], library: Library, setting: Mapping[str, float]) -> list[Outcome]:
    """Answer these questions under a setting."""
    weights = dict(setting)
    answering.BIAS, extractive.SHARE = weights.pop("bias"), weights.pop("share")
    answering.WEIGHTS = weights
    ask = partial(answer, library=library, model="extractive")
    return [_outcome(one, ask(one.question, history=one.history, exclude=one.remove)) for one in questions]


def _outcome(asked: Asked, given: Answer) -> Outcome:
    quotes = [pin.quote for sentence in given.sentences for pin in sentence.citations]
    room = max(LEAST_WORDS, WORDS_OF_A_FACT * len(asked.facts))
    lengths = [len(quote.split()) for quote in quotes]
    within = [quote for place, quote in enumerate(quotes) if not place or sum(lengths[: place + 1]) <= room]
    return Outcome(
        given.status is Status.DECLINED,
        tuple(any(_same(text, quote) for text in fact for quote in within) for fact in asked.vital),
        tuple(any(_same(text, quote) for fact in asked.facts for text in fact) for quote in quotes),
        sum(lengths),
    )


def _same(one: str, other: str) -> bool:
    """Whether two sentences are one, perhaps without the label of its section."""
    return one in other or other in one


def summary(results: Sequence[Outcome]) -> str:
    """Return the counts and shares of a set."""
    able = [one for one in results if one.stated]
    unable = [one for one in results if not one.stated]
    stated = [fact for one in able for fact in one.stated]
    shown = [sentence for one in able for sentence in one.sentences]
    first = [one.sentences[:1] == (True,) for one in able]
    return (
        f"all vital facts {sum(all(one.stated) for one in able)} of {len(able)}, facts {_share(stated)}, "
        f"sentences that state one {_share(shown)}, the first does {_share(first)}, "
        f"words {sum(one.words for one in able) / len(able):.0f}, declined {sum(one.declined for one in able)}, "
        f"of those that can't be answered {sum(one.declined for one in unable)} of {len(unable)}"
    )


def _share(values: Sequence[bool]) -> str:
    return f"{sum(values) / len(values):.3f}"


if __name__ == "__main__":
    main()
