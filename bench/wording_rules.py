"""List the regular expressions and word lists that decide by English wording, and count which of them ever match.

    python -m bench.wording_rules                              list them
    python -m bench.wording_rules --count ../shared/benchmarks count their matches too

A rule is a regular expression or a set of words at the top of a module of `rag`, with three English words or more. To
count, each is replaced by a copy that notes when it finds something. Then the demo set's development half is answered,
500 questions, 300 abstracts and 809 claims are read, and 100 claims checked. A rule that never finds anything there may
be idle: leave it out, and compare what comes out. One that does may still change nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

# Rooms that read sentences and questions; other rooms read formats, servers' messages and names of files.
ROOMS = ("text", "question", "retrieve", "write", "verify", "pipeline")
WORD = re.compile(r"(?<![\\\w(?<])[a-z]{4,}")
LEAST = 3  # words of a rule
PAIRS, ABSTRACTS = 100, 300  # that are read

found = Counter[str]()


class CountedPattern:
    """A regular expression that counts the calls in which it finds something."""

    def __init__(self, name: str, pattern: re.Pattern[str]) -> None:
        self._name, self._pattern = name, pattern

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._pattern, name)
        return self._counting(value) if name in ("search", "match", "fullmatch") else value

    def _counting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            match = call(*given)
            found[self._name] += match is not None
            return match

        return counted

    def finditer(self, *given: Any) -> Iterator[re.Match[str]]:
        for match in self._pattern.finditer(*given):
            found[self._name] += 1
            yield match

    def findall(self, *given: Any) -> list[Any]:
        all_of_it = self._pattern.findall(*given)
        found[self._name] += bool(all_of_it)
        return all_of_it

    def sub(self, *given: Any, **named: Any) -> str:
        text, times = self._pattern.subn(*given, **named)
        found[self._name] += bool(times)
        return text

    def split(self, *given: Any, **named: Any) -> list[Any]:
        parts = self._pattern.split(*given, **named)
        found[self._name] += len(parts) > 1
        return parts


class CountedWords(frozenset[str]):
    """A set of words that counts what is found in it."""

    name = ""

    def __contains__(self, word: object) -> bool:
        held = super().__contains__(word)
        found[self.name] += held
        return held

    def __and__(self, other: Any) -> frozenset[str]:
        common = frozenset(self).intersection(other)
        found[self.name] += bool(common)
        return common

    def __rand__(self, other: Any) -> frozenset[str]:
        return self & other

    def __sub__(self, other: Any) -> frozenset[str]:
        found[self.name] += 1
        return frozenset(self).difference(other)

    def __rsub__(self, other: Any) -> frozenset[str]:
        left = frozenset(other).difference(frozenset(self))
        found[self.name] += len(left) < len(other)
        return left

    def isdisjoint(self, other: Any) -> bool:
        return not self & other


def words_in(value: Any) -> set[str]:
    """Return the English words of a rule, empty for anything else."""
    if isinstance(value, re.Pattern):
        return set(WORD.findall(value.pattern)) if isinstance(value.pattern, str) else set()
    if isinstance(value, frozenset | set):
        return {word for word in value if isinstance(word, str) and word.isalpha() and word.islower()}
    if isinstance(value, tuple | list):
        return {word for item in value if isinstance(item, re.Pattern | tuple) for word in words_in(item)}
    if isinstance(value, dict):
        return {word for item in value.values() if isinstance(item, re.Pattern | tuple) for word in words_in(item)}
    return set()


def counting(name: str, value: Any) -> Any:
    """Return a copy of a rule that counts; the patterns of a list or a dictionary are counted one by one."""
    if isinstance(value, re.Pattern):
        return CountedPattern(name, value)
    if isinstance(value, frozenset | set):
        words = CountedWords(value)
        words.name = name
        return words
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        return type(value)(counting(f"{name}[{place}]", item) for place, item in enumerate(value))
    if isinstance(value, dict):
        return {key: counting(f"{name}[{key}]", item) for key, item in value.items()}
    return value


def rules() -> dict[str, Any]:
    """Return the rules of these rooms by module and name."""
    listed = {}
    for file in sorted(file for room in ROOMS for file in Path("rag", room).glob("*.py")):
        module = importlib.import_module(".".join(file.with_suffix("").parts).removesuffix(".__init__"))
        own = {name for name in vars(module) if re.search(rf"^{name}\b.* = ", file.read_text("utf-8"), re.MULTILINE)}
        for name in sorted(own):
            if len(words_in(vars(module)[name])) >= LEAST:
                listed[f"{module.__name__}.{name}"] = vars(module)[name]
    return listed


def replace(listed: dict[str, Any]) -> set[str]:
    """Put a counting copy in place of each rule, wherever it was imported; return the names of all copies."""
    copies = {id(value): counting(name, value) for name, value in listed.items()}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("rag", "eval"):
            for own, value in list(vars(module).items()):
                if id(value) in copies:
                    setattr(module, own, copies[id(value)])
    return {name for copy in copies.values() for name in names_of(copy)}


def names_of(copy: Any) -> Iterator[str]:
    """Yield the names that a copy counts under."""
    if isinstance(copy, CountedPattern):
        yield copy._name
    elif isinstance(copy, CountedWords):
        yield copy.name
    elif isinstance(copy, tuple | list | dict):
        for item in copy.values() if isinstance(copy, dict) else copy:
            yield from names_of(item)


def read_all(benchmarks: Path) -> None:
    """Answer, read and check what the counts are of."""
    from eval.questions import load_cases
    from rag import Library, answer, support
    from rag.question.interpret import understand
    from rag.question.made_questions import question_on
    from rag.text.question_form import QuestionReading
    from rag.text.reading import read
    from rag.text.roles import role_of
    from rag.text.sentences import split_sentences
    from rag.types import Filters, Origin, Paper
    from rag.verify.stances import stances
    from rag.write.injection import instructions_in

    asked = rows(benchmarks / "pubmedqa" / "dev.jsonl")
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library") as library:
        library.add("eval/data/library.jsonl")
        for case in load_cases():
            if case.split == "dev":
                answer(case.question, library, history=case.history)
        for row in asked:
            understand(QuestionReading(row["question"]), (), library, Filters())
    claims = [row["text"] for row in rows(benchmarks / "scifact" / "queries.jsonl")]
    corpus = rows(benchmarks / "scifact" / "corpus.jsonl")[:ABSTRACTS]
    for row in corpus:
        texts = [row["text"][span.start : span.end] for span in split_sentences(row["text"])]
        role_of(texts)
        instructions_in(texts)
        question_on(Paper(id="x", title=row["title"], abstract=row["text"], origins=(Origin("x", 1),)))
        for text in texts:
            stances(text)
            read(text)
    for text in claims:
        read(text)
    for row in rows(benchmarks / "judge" / "tune.jsonl")[:PAIRS]:
        support(row["claim"], row["source_text"])


def rows(file: Path) -> list[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def show(names: Iterable[str]) -> None:
    for name in sorted(names, key=lambda name: (found[name], name)):
        print(f"{found[name]:>8}  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=Path, metavar="BENCHMARKS")
    options = parser.parse_args()
    listed = rules()
    if options.count is None:
        for name, value in listed.items():
            print(f"{len(words_in(value)):>5} words  {name}")
        print(f"{len(listed)} rules, {sum(len(words_in(value)) for value in listed.values())} words")
        return
    importlib.import_module("rag.pipeline")
    importlib.import_module("rag.library")
    names = replace(listed)
    read_all(options.count)
    show(names)


if __name__ == "__main__":
    main()
