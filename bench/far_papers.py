"""What reading less changes: `python -m bench.far_papers [FOLDER] [--keep DIR] [--limit N] [--only FIELD]`.

Every question of the demo set and, with FOLDER, which holds `seeds` and `benchmarks`, of the four fields is answered
with every paper read whole. Then papers are left unread that have less than several shares of the best paper's score,
and then of all but the first papers only the nearest sentences are read. Prints for each the share of the papers that
are read, the answers that changed, by how much their confidence did at most, how many are right, and the processor's
seconds for reading. Twelve minutes on two idle cores for the demo set and thirty for the fields.
"""

import argparse
import time
from contextlib import contextmanager
from pathlib import Path

from eval.benchmarks.fields import FIELDS, field_cases, field_library
from eval.judges.judged import judge_response
from eval.judges.registry import open_judge
from eval.metrics import scores_of
from eval.questions import load_cases
from eval.runs.asking import asker, open_library
from rag.pipeline import evidence_search
from rag.question import answering

ALL = 99
# The least share of the best paper's score, and how many papers are read whole.
SETTINGS = ((0.0, ALL), (0.4, ALL), (0.5, ALL), (0.55, ALL), (0.6, ALL), (0.5, 3), (0.5, 2))


@contextmanager
def asked(field, folder, keep):
    """The library and the questions of a field, or of the demo set."""
    if field is None:
        with open_library(None) as library:
            yield library, load_cases()
    else:
        with field_library(field, folder, keep) as (library, ids):
            yield library, field_cases(field, ids)


def answers(library, cases, bar, whole):
    """Answer every question: what was answered, the papers read and found, and seconds of the processor to read."""
    papers, seconds = {True: 0, False: 0}, 0.0
    searched = evidence_search.EvidenceSearch.read

    def read(self, unread):
        nonlocal seconds
        started = time.process_time()
        found = searched(self, unread)
        seconds += time.process_time() - started
        read = {item.paper.id for item in found.evidence if item.read is not None}
        for hit in found.hits:
            papers[hit.paper_id in read] += 1
        return found

    evidence_search.FAR, answering._WHOLE = bar, whole
    evidence_search.EvidenceSearch.read = read
    try:
        ask = asker(library, "extractive")
        given = [ask(case) for case in cases]
    finally:
        evidence_search.EvidenceSearch.read = searched
    return given, papers[True] / max(1, sum(papers.values())), seconds


def main():
    """Measure each setting against reading everything."""
    parser = argparse.ArgumentParser(prog="python -m bench.far_papers")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--only", choices=FIELDS)
    options = parser.parse_args()
    judge = open_judge("builtin")
    for field in [options.only] if options.only else (None, *(FIELDS if options.folder else ())):
        with asked(field, options.folder, options.keep) as (library, cases):
            chosen = cases[: options.limit]
            first = []
            for bar, whole in SETTINGS:
                given, read, seconds = answers(library, chosen, bar, whole)
                first = first or given
                changed = sum(one.text != other.text for one, other in zip(first, given, strict=True))
                moved = (abs((a.confidence or 0) - (b.confidence or 0)) for a, b in zip(first, given, strict=True))
                scores = [scores_of(judge_response(case, r, judge)) for case, r in zip(chosen, given, strict=True)]
                right = sum(row["right"].value for row in scores if row["right"].value is not None)
                print(
                    f"{field or 'demo':<13} bar {bar:4.2f}, {'all' if whole == ALL else whole:>3} whole: {read:4.0%} "
                    f"read, {changed} of {len(chosen)} answers changed, confidence by {max(moved, default=0):.3f} at "
                    f"most, {right:.0f} right, {seconds:.0f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
