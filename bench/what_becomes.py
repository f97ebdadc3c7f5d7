"""What the check of an answer makes of written claims: supported as cited, by other evidence, marked or dropped.

    python -m bench.what_becomes ../shared [--limit 400]

The claims are those of the abstracts that choose between designs (`training/split.py`), which no reader is trained on.
Each is checked with the sentences that it names as its citations and its whole abstract as the evidence.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from eval.estimates import wilson
from rag.text.roles import roles_of_spans
from rag.types import Draft, Evidence, Paper, Span, Verdict
from rag.verify import BoundedChecker, check, default_checker
from training.split import put_aside, training_files
from training.written import Abstract, Claim, read_abstracts, read_claims


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--limit", type=int, help="only the first claims")
    options = parser.parse_args()
    abstracts = read_abstracts(options.shared)
    aside = [claim for file in training_files("claims") for claim in read_claims(file) if put_aside(claim.abstract)]
    became = [(claim.supported, outcome(claim, abstracts[claim.abstract])) for claim in aside[: options.limit]]
    for right, name in ((True, "right"), (False, "false")):
        group = [what for supported, what in became if supported is right]
        print(f"{name}: {len(group)}")
        for what, count in Counter(group).most_common():
            low, high = wilson(count, len(group))
            print(f"  {what:24s} {count:4d}  {count / len(group):.3f} [{low:.3f}, {high:.3f}]")


def outcome(claim: Claim, abstract: Abstract) -> str:
    """Check a claim as a sentence of an answer, and name what happened to it."""
    evidence = list(sentences(claim.abstract, abstract))
    sentence, issues = check(
        Draft(claim.text, tuple(place + 1 for place in claim.sentences)),
        evidence,
        BoundedChecker(default_checker()),
        {},
    )
    if sentence is None:
        return "dropped"
    if sentence.verdict is not Verdict.SUPPORTED:
        return "marked"
    recited = any(issue.code == "recited" for issue in issues)
    return "supported otherwise" if recited else "supported as cited"


def sentences(name: str, abstract: Abstract) -> Iterator[Evidence]:
    """Yield the sentences of an abstract as evidence, numbered from 1."""
    spans: list[Span] = []
    for text in abstract.sentences:
        start = spans[-1].end + 1 if spans else 0
        spans.append(Span(start, start + len(text)))
    paper = Paper(name, abstract.title, " ".join(abstract.sentences))
    for number, (span, role) in enumerate(zip(spans, roles_of_spans(paper, spans), strict=True), 1):
        text = paper.abstract[span.start : span.end]
        yield Evidence(number, paper, span.start, span.end, text, relevance=0.0, role=role)


if __name__ == "__main__":
    main()
