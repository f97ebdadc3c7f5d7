"""Leave out each rule that decides by English wording, and print how many questions are understood otherwise.

    python -m bench.ablate_wording ../shared                          every rule of `rag.question` and `rag.text`
    python -m bench.ablate_wording ../shared rag.question.scope --show  the rules of one module, with what changes

`bench.wording_rules` lists the rules. Each is replaced by one that never finds anything, each pattern of a list or a
dictionary alone too. What the library finds is remembered, so a rule takes less than two seconds. The questions are the
demo set's development half, 154 for retrieval, 160 for a part of a paper, 40 on the library, 24 to decline and 500 of
PubMedQA, all asked of the demo library, and the 60 dialogues and 150 questions of the second set in theirs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.wording_rules import rules
from eval.benchmarks.fields import field_library, with_ids
from rag import Library
from rag.models.embedding import Embedder
from rag.question.interpret import understand
from rag.text.question_form import QuestionReading
from rag.types import Filters, Hit, Paper
from rag.vectors import Vectors

DEFAULT = ("rag.question.", "rag.text.pointing", "rag.text.question_form", "rag.text.person_names")
FIELDS = ("pages", "biology", "clinical")
SHOWN = 5
NEVER = re.compile(r"(?!)")

Outputs = Sequence[tuple[object, ...]]


class RememberingEmbedder:
    """An embedder that remembers its vectors."""

    def __init__(self, embedder: Embedder, found: dict[tuple[object, ...], Any]) -> None:
        self.fingerprint, self.dimension = embedder.fingerprint, embedder.dimension
        self.max_tokens, self.count_tokens = embedder.max_tokens, embedder.count_tokens
        self._embedder, self._found = embedder, found

    def embed(self, texts: Sequence[str]) -> Vectors:
        key = ("vectors", *texts)
        if key not in self._found:
            self._found[key] = self._embedder.embed(texts)
        vectors: Vectors = self._found[key]
        return vectors


@dataclass(frozen=True)
class Remembering:
    """A library that remembers what it found."""

    library: Library
    found: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def embedder(self) -> Embedder:
        return RememberingEmbedder(self.library.embedder, self.found)

    def find(self, question: str, k: int, filters: Filters) -> list[Hit]:
        key = (question, k, filters)
        if key not in self.found:
            self.found[key] = self.library.find(question, k, filters)
        return list(self.found[key])

    def matching(self, filters: Filters) -> int:
        if (filters,) not in self.found:
            self.found[filters,] = self.library.matching(filters)
        return int(self.found[filters,])

    def get(self, name: str) -> Paper:
        return self.library.get(name)


@dataclass(frozen=True)
class Asked:
    """A question with the turns before it and the library that it is asked of."""

    group: str
    library: Remembering
    question: str
    history: Sequence[Mapping[str, Any]] = ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rules", nargs="*", default=DEFAULT, metavar="RULE", help="what the names of rules begin with")
    parser.add_argument("--keep", type=Path, help="where the libraries stay for the next run")
    parser.add_argument("--show", action="store_true", help="print what changes")
    options = parser.parse_args()
    importlib.import_module("rag.pipeline")
    with ExitStack() as opened:
        asked = list(questions(options.folder, options.keep, opened))
        whole = understood(asked)
        print(f"{len(asked)} questions")
        for name, rule, left in ablations(rules()):
            if name.startswith(tuple(options.rules)):
                print_changes(name, asked, whole, understood_without(rule, left, asked), show=options.show)


def questions(folder: Path, keep: Path | None, opened: ExitStack) -> Iterator[Asked]:
    """Yield the questions, each with a library that stays open until `opened` is closed."""
    scratch = opened.enter_context(TemporaryDirectory(prefix="pincite-ablate-"))
    library = opened.enter_context(Library.open(Path(scratch) / "library"))
    library.add("eval/data/library.jsonl")
    demo = Remembering(library)
    for row in rows(Path("eval/data/questions.jsonl")):
        if row["split"] == "dev":
            yield Asked("demo", demo, row["question"], row.get("history", ()))
    others = (
        "bench/library_questions",
        "bench/declining_questions",
        "bench/paper_parts",
        "eval/data/retrieval_questions",
    )
    for file in (*(Path(f"{other}.jsonl") for other in others), folder / "benchmarks" / "pubmedqa" / "dev.jsonl"):
        yield from (Asked(file.stem, demo, row["question"]) for row in rows(file))
    for name in FIELDS:
        library, ids = opened.enter_context(field_library(name, folder, keep))
        kept = Remembering(library)
        for group in ("dialogues", "questions"):
            for row in rows(Path(f"eval/data/fields/{group}.jsonl")):
                if row["field"] == name:
                    yield Asked(group, kept, row["question"], with_ids(row, ids).get("history", ()))


def rows(file: Path) -> list[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def understood(asked: Iterable[Asked]) -> Outputs:
    """Return what decides about each question: what is searched, where, by which form, and what records answer."""
    return [_understood(one) for one in asked]


def _understood(one: Asked) -> tuple[object, ...]:
    found = understand(QuestionReading(one.question), one.history, one.library, Filters())
    read = QuestionReading(found.searched)
    parts = tuple(part.text for part in read.parts)
    said = tuple(sentence.text for sentence in found.records)
    return (
        parts, found.filters, found.notes, said, found.own, found.nothing, found.a_question, read.form,
        read.asks_for_figure, read.asks_for_papers, read.authors, read.foreign,
    )  # fmt: skip


def ablations(listed: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of each rule, and of each pattern within one, with the rule and what is left of it."""
    for name, rule in listed.items():
        yield name, rule, without(rule)
        within = rule.items() if isinstance(rule, dict) else enumerate(rule) if isinstance(rule, tuple) else ()
        for key, item in within:
            if isinstance(item, re.Pattern | tuple):
                left = {**rule, key: without(item)} if isinstance(rule, dict) else _put(rule, key, without(item))
                yield f"{name}[{key}]", rule, left


def _put(rule: tuple[Any, ...], place: int, item: Any) -> tuple[Any, ...]:
    return (*rule[:place], item, *rule[place + 1 :])


def without(rule: Any) -> Any:
    """Return a rule of the same kind that finds nothing."""
    if isinstance(rule, re.Pattern):
        return NEVER
    if isinstance(rule, frozenset | set):
        return frozenset[str]()
    if isinstance(rule, tuple | list):
        return tuple(without(item) if isinstance(item, re.Pattern | tuple) else item for item in rule)
    if isinstance(rule, dict):
        return {key: without(item) for key, item in rule.items()}
    return rule


def understood_without(rule: Any, left: Any, asked: Sequence[Asked]) -> Outputs | None:
    """Return how the questions are understood with what is left of a rule; None where the code can't do without it."""
    places = [
        (module, name)
        for module in list(sys.modules.values())
        if module.__name__.partition(".")[0] == "rag"
        for name, value in list(vars(module).items())
        if value is rule
    ]
    try:
        for module, name in places:
            setattr(module, name, left)
        return understood(asked)
    except (AttributeError, IndexError, re.error):  # a group of the pattern is asked for
        return None
    finally:
        for module, name in places:
            setattr(module, name, rule)


def print_changes(name: str, asked: Sequence[Asked], whole: Outputs, left: Outputs | None, *, show: bool) -> None:
    if left is None:
        print(f"    –  {name}")
        return
    changed = [at for at in range(len(asked)) if whole[at] != left[at]]
    groups = Counter(asked[at].group for at in changed)
    print(f"{len(changed):>5}  {name}  {', '.join(f'{group} {count}' for group, count in groups.items())}")
    for at in changed[: SHOWN if show else 0]:
        print(f"         {asked[at].question}")
        for old, new in zip(whole[at], left[at], strict=True):
            if old != new:
                print(f"           {str(old)[:150]}\n           → {str(new)[:150]}")


if __name__ == "__main__":
    main()
