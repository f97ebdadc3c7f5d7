"""Measure the answer without a model on the second question set (`eval/data/fields`), beside the baselines.

    python -m bench.answers ../shared --keep build/fields --fields clinical

The folder holds `seeds` and `benchmarks`; `--keep` names where the libraries of the fields stay for the next run. All
200 questions take about four minutes of one core, and the libraries one more.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from eval.answers.responses import Response, from_answer
from eval.benchmarks.fields import FIELDS, field_cases, field_library
from eval.estimates import NOT_APPLICABLE, Score, estimate, of
from eval.judges.judged import Judge, Judged, judge_usefulness
from eval.judges.registry import open_judge
from eval.metrics.usefulness import answer_words, answering_share, nugget_recall, right
from eval.questions import Case
from eval.runs.baselines import BASELINES
from rag import Library, answer

SYSTEM = "Pincite"
OTHERS = ("whole abstract", "three whole abstracts", "title", "random sentence")
# By answer, then by measure.
Scores = Mapping[str, Mapping[str, Score]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fields", nargs="+", choices=FIELDS, default=list(FIELDS))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--show", action="store_true", help="print each question whose answer isn't right")
    options = parser.parse_args()
    judge = open_judge("builtin")
    found: list[tuple[Case, Scores]] = []
    for field in options.fields:
        with field_library(field, options.folder, options.keep) as (library, ids):
            for case in field_cases(field, ids):
                response = asked(case, library)
                found.append((case, scored(case, response, judge)))
                if options.show and not found[-1][1][SYSTEM]["right"].value:
                    print(f"\n{case.id}: {case.question}\n  {response.text}")
    print_table([scores for _, scores in found])
    print_kinds(found)


def asked(case: Case, library: Library) -> Response:
    """Answer a question without a model."""
    given = answer(case.question, library, model="extractive", exclude=list(case.remove))
    read = [library.get(paper) for paper, _ in given.receipt.retrieved]
    return from_answer(case.id, given, read, [paper.id for paper in read])


def scored(case: Case, response: Response, judge: Judge) -> Scores:
    """Score an answer, and those of the baselines from the papers that it read."""
    rank = {paper: place for place, paper in enumerate(response.retrieved)}
    passages = sorted(response.passages, key=lambda passage: rank.get(passage.id, len(rank)))
    all_of = {SYSTEM: response} | {name: BASELINES[name](case, passages) for name in OTHERS}
    return {name: _measures(judge_usefulness(case, one, judge)) for name, one in all_of.items()}


def _measures(item: Judged) -> dict[str, Score]:
    first = of(bool(item.nuggets and item.nuggets.answering and item.nuggets.answering[0]))
    return {
        "right": right(item),
        "facts": nugget_recall(item),
        "sentences that state one": answering_share(item),
        "first states one": first if item.case.facts else NOT_APPLICABLE,
        "words": answer_words(item),
    }


def print_table(rows: Sequence[Scores]) -> None:
    """Print each measure of each answer, `right` with its interval."""
    names = list(rows[0][SYSTEM])
    print(f"\n{len(rows)} questions | " + " | ".join(names))
    for system in (SYSTEM, *OTHERS):
        values = [estimate([row[system][name] for row in rows], is_share=name != "words") for name in names]
        cells = [_short(one.value) for one in values]
        cells[0] += f" [{_short(values[0].low)}, {_short(values[0].high)}]"
        print(f"{system} | " + " | ".join(cells))


def print_kinds(found: Sequence[tuple[Case, Scores]]) -> None:
    """Print the share of right answers for each kind of question."""
    kinds: dict[str, list[Score]] = defaultdict(list)
    for case, scores in found:
        kinds[case.kind].append(scores[SYSTEM]["right"])
    shares = (f"{kind} {_short(estimate(scores).value)}" for kind, scores in sorted(kinds.items()))
    print(f"\nright by kind: {', '.join(shares)}")


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    main()
