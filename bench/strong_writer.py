"""Measure what the checks make of the replies of a strong writer: `eval/data/recorded/strong-writer.jsonl`.

    python -m bench.strong_writer ../shared --keep build/fields

The folder holds `seeds` and `benchmarks`; `--keep` names where the libraries of the fields stay for the next run. Each
sentence is checked against the 15 abstracts that are found for its question and those that the reply cites. "Facts" are
the nuggets of the questions, by the built-in judge, in the reply as it was written and in what the checks left of it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.answers.responses import Claim, Passage, Response
from eval.benchmarks.fields import field_cases, field_library
from eval.estimates import Score, estimate, wilson
from eval.json_lines import read_lines
from eval.judges.judged import Judge, judge_usefulness
from eval.judges.registry import open_judge
from eval.metrics.usefulness import nugget_recall
from eval.questions import Case
from rag import Library
from rag.config import Config
from rag.text.roles import roles_of_spans
from rag.text.sentences import split_sentences
from rag.types import Draft, Evidence, Filters, Paper, Verdict
from rag.verify import Checker, check, load_checker

REPLIES = Path("eval/data/recorded/strong-writer.jsonl")
FIELDS = ("pages", "biology", "clinical")
PAPERS = 15
DROPPED = "dropped"

Reply = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to a sentence: `became` is its verdict, or that it was dropped."""

    field: str
    question: str
    text: str
    fault: str
    became: str
    why: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The share of a question's facts that a reply states, before the checks and after them."""

    before: Score
    after: Score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fields", nargs="+", choices=FIELDS, default=list(FIELDS))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--show", action="store_true", help="print each sentence that came out otherwise than meant")
    options = parser.parse_args()
    replies = {row["question_id"]: row for _, row in read_lines(REPLIES)}
    outcomes: list[Outcome] = []
    facts: list[Facts] = []
    for field in options.fields:
        with field_library(field, options.folder, options.keep) as (library, ids):
            checker, judge = load_checker("builtin", Config(), library.embedder), open_judge("builtin")
            for case in field_cases(field, ids):
                if case.id in replies:
                    found, stated = checked(case, replies[case.id], library, ids, checker, judge)
                    outcomes += found
                    facts += [stated] if case.nuggets else []
    print_table(outcomes, facts)
    if options.show:
        show(outcomes)


def checked(
    case: Case, reply: Reply, library: Library, ids: Mapping[str, str], checker: Checker, judge: Judge
) -> tuple[list[Outcome], Facts]:
    """Check a reply as the pipeline would."""
    cited = {ids[paper] for sentence in reply["sentences"] for paper, _ in sentence["cites"]}
    found = [hit.paper for hit in library.find(case.question, PAPERS, Filters())]
    papers = found + [library.get(name) for name in sorted(cited - {paper.id for paper in found})]
    evidence = list(_sentences(papers))
    number_of = {(item.paper.id, place): item.number for item, place in _placed(evidence)}
    numbers: dict[str, int] = {}
    outcomes, kept = [], []
    for one in reply["sentences"]:
        draft = Draft(one["text"], tuple(number_of[ids[paper], place] for paper, place in one["cites"]))
        sentence, issues = check(draft, evidence, checker, numbers)
        became = DROPPED if sentence is None else sentence.verdict.value
        why = "; ".join(issue.message for issue in issues)
        outcomes.append(Outcome(case.field, case.id, one["text"], one["fault"], became, why))
        kept += [] if sentence is None else [sentence.text]
    passages = tuple(Passage(paper.id, paper.abstract, paper.title) for paper in papers)
    both = [
        nugget_recall(judge_usefulness(case, _response(case, texts, passages), judge))
        for texts in ([one["text"] for one in reply["sentences"]], kept)
    ]
    return outcomes, Facts(*both)


def _sentences(papers: Sequence[Paper]) -> Iterator[Evidence]:
    number = 0
    for paper in papers:
        spans = split_sentences(paper.abstract)
        for span, role in zip(spans, roles_of_spans(paper, spans), strict=True):
            number += 1
            text = paper.abstract[span.start : span.end]
            yield Evidence(number, paper, span.start, span.end, text, relevance=0.0, role=role)


def _placed(evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, int]]:
    """Yield each sentence with its place in its abstract, from 0."""
    places: Counter[str] = Counter()
    for item in evidence:
        yield item, places[item.paper.id]
        places[item.paper.id] += 1


def _response(case: Case, texts: Sequence[str], passages: tuple[Passage, ...]) -> Response:
    response = Response(case.id, " ".join(texts), tuple(Claim(text) for text in texts))
    return replace(response, passages=passages)


def print_table(outcomes: Sequence[Outcome], facts: Sequence[Facts]) -> None:
    """Print the shares that issue N names, with their intervals."""
    right = [one for one in outcomes if not one.fault]
    wrong = [one for one in outcomes if one.fault]
    for name, group in (("right", right), ("with a fault", wrong)):
        print(f"\n{name}: {len(group)} sentences")
        for became, count in Counter(one.became for one in group).most_common():
            print(f"  {became:12s} {_share(count, len(group))}")
    caught = sum(one.became != Verdict.SUPPORTED for one in wrong)
    print(f"\nfaults marked or dropped: {_share(caught, len(wrong))}")
    for fault in sorted({one.fault for one in wrong}):
        group = [one for one in wrong if one.fault == fault]
        print(f"  {fault:12s} {sum(one.became != Verdict.SUPPORTED for one in group)}/{len(group)}")
    for name in ("before", "after"):
        found = estimate([getattr(one, name) for one in facts])
        print(f"facts {name} the checks: {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]")


def _share(part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    return f"{part}/{whole} = {part / whole:.3f} [{low:.3f}, {high:.3f}]"


def show(outcomes: Sequence[Outcome]) -> None:
    """Print the sentences that came out otherwise than meant, and why."""
    for one in outcomes:
        if (one.became == Verdict.SUPPORTED) == bool(one.fault):
            print(f"\n{one.question} [{one.fault or 'right'} -> {one.became}] {one.text}\n  {one.why}")


if __name__ == "__main__":
    main()
