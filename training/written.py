"""Claims and questions written for this project, over public abstracts, which stay where they are, and over our own.

An item names its abstract as `set:id` and its sentences by their number, from 0. Those of a public abstract are as
`rag.text.sentences` cuts them; those of our own (`training/abstracts`) are written one a line:

    # own:physics-001
    = The title
    0: The first sentence.

    # scifact:24042363
    4 F arm | Five of the peptides shut down TLR2 signalling but left TLR4 untouched.

    Q finding | Which decoy peptides block TLR4 signalling without touching TLR2?
      answers: 4
      shares: 1,2

    7 dispute | In 40 mice the peptides left TLR4 signalling as it was.

A claim is T, supported by those sentences, or F, false or not settled by the whole abstract. The last line is what
another paper might have found, which disputes sentence 7. `training/README.md` lists the kinds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.text.sentences import split_sentences

HERE = Path(__file__).parent
_ABSTRACT = re.compile(r"# (\w+:[\w-]+)")
_CLAIM = re.compile(r"(\d+(?:,\d+)*) ([TF]) (\w+) \| (\S.*)")
_QUESTION = re.compile(r"Q (\w+) \| (\S.*)")
_FINDING = re.compile(r"(\d+) (agree|dispute|aside|near) \| (\S.*)")
_OWN = re.compile(r"(=|\d+:) (\S.*)")
_SENTENCES = re.compile(r"  (answers|partly|shares): (\d+(?:,\d+)*)")
# Where each set lies under `shared/benchmarks`, and the keys of its id and its text.
_SETS = {
    "scifact": ("scifact/corpus.jsonl", "_id", "title", "text"),
    "pubmedqa": ("pubmedqa/dev.jsonl", "id", "question", "abstract"),
}


@dataclass(frozen=True, slots=True)
class Abstract:
    """An abstract that claims and questions name."""

    id: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as somebody might write it, and whether the abstract supports it."""

    abstract: str
    sentences: tuple[int, ...]
    supported: bool
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the sentences that answer it or a part of it, and those that only share its words."""

    abstract: str
    kind: str
    text: str
    answers: tuple[int, ...] = ()
    partly: tuple[int, ...] = ()
    shares: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What another paper might have found, and how it stands to a sentence of the abstract.

    `stance`: "agree", "dispute", "aside" where both can be true, "near" where it narrows what the sentence says.
    """

    abstract: str
    sentence: int
    stance: str
    text: str


def read_claims(file: Path) -> list[Claim]:
    """Return the claims of a file. Raises `ValueError`, with the line, for one that can't be read."""
    claims = []
    for abstract, number, line in _lines(file):
        match = _CLAIM.fullmatch(line)
        if match is None:
            raise ValueError(f"{file}:{number}: {line[:40]!r} isn't a claim: write it as `4 F arm | The claim.`")
        claims.append(Claim(abstract, _numbers(match[1]), match[2] == "T", match[3], match[4]))
    return claims


def read_questions(file: Path) -> list[Question]:
    """Return the questions of a file. Raises `ValueError`, with the line, for one that can't be read."""
    found: list[tuple[str, str, str, dict[str, tuple[int, ...]]]] = []
    for abstract, number, line in _lines(file):
        if asked := _QUESTION.fullmatch(line):
            found.append((abstract, asked[1], asked[2], {}))
        elif found and (named := _SENTENCES.fullmatch(line)):
            found[-1][3][named[1]] = _numbers(named[2])
        else:
            raise ValueError(f"{file}:{number}: {line[:40]!r} is neither a question nor a list of sentences")
    return [Question(abstract, kind, text, **sentences) for abstract, kind, text, sentences in found]


def read_findings(file: Path) -> list[Finding]:
    """Return the findings of a file. Raises `ValueError`, with the line, for one that can't be read."""
    findings = []
    for abstract, number, line in _lines(file):
        match = _FINDING.fullmatch(line)
        if match is None:
            raise ValueError(f"{file}:{number}: {line[:40]!r} isn't a finding: write it as `7 dispute | The finding.`")
        findings.append(Finding(abstract, int(match[1]), match[2], match[3]))
    return findings


def read_abstracts(shared: Path) -> dict[str, Abstract]:
    """Return our own abstracts and those of the public sets below `shared/benchmarks`, by `set:id`."""
    abstracts = {abstract.id: abstract for file in sorted(HERE.glob("abstracts/*.txt")) for abstract in read_own(file)}
    for name, (file, key, title, text) in _SETS.items():
        with (shared / "benchmarks" / file).open(encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                whole = record[text]
                sentences = tuple(whole[span.start : span.end] for span in split_sentences(whole))
                abstracts[f"{name}:{record[key]}"] = Abstract(f"{name}:{record[key]}", record[title], sentences)
    return abstracts


def read_own(file: Path) -> list[Abstract]:
    """Return the abstracts of a file of ours. Raises `ValueError`, with the line, for one that can't be read."""
    found: dict[str, list[str]] = {}
    for abstract, number, line in _lines(file):
        match = _OWN.fullmatch(line)
        texts = found.setdefault(abstract, [])
        if match is None or match[1] != ("=" if not texts else f"{len(texts) - 1}:"):
            raise ValueError(f"{file}:{number}: {line[:40]!r} is neither the title nor the next sentence")
        texts.append(match[2])
    return [Abstract(name, title, tuple(sentences)) for name, (title, *sentences) in found.items()]


def _lines(file: Path) -> Iterator[tuple[str, int, str]]:
    """Yield each item's line with its abstract and its number."""
    abstract = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if heading := _ABSTRACT.fullmatch(line):
            abstract = heading[1]
        elif line.strip():
            yield abstract, number, line


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))
