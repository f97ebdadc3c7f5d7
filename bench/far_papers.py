"""What leaving far papers unread changes: `python -m bench.far_papers [FOLDER] [--keep DIR] [--limit N]`.

Every question of the demo set and, with FOLDER, which holds `seeds` and `benchmarks`, of the four fields is answered
with every paper read, then with bars at several shares of the best paper's score. Prints for each bar the share of the
papers that are read, the answers that changed, and by how much their confidence did at most. Ten minutes on two idle
cores for the demo set and twenty-five for the fields, most of it for reading everything once.
"""

import argparse
from contextlib import contextmanager
from pathlib import Path

from eval.benchmarks.fields import FIELDS, field_cases, field_library
from eval.questions import load_cases
from eval.runs.asking import open_library
from rag import answer
from rag.pipeline import evidence_search

BARS = (0.0, 0.4, 0.5, 0.55, 0.6)


@contextmanager
def asked(field, folder, keep):
    """The library and the questions of a field, or of the demo set."""
    if field is None:
        with open_library(None) as library:
            yield library, load_cases()
    else:
        with field_library(field, folder, keep) as (library, ids):
            yield library, field_cases(field, ids)


def answers(library, cases, bar):
    """Answer every question with this bar: what was answered, and the papers read and found."""
    evidence_search.FAR = bar
    papers = {True: 0, False: 0}
    searched = evidence_search.EvidenceSearch.read

    def read(self, unread):
        found = searched(self, unread)
        for odds in {item.paper.id: item.read for item in found.evidence}.values():
            papers[odds is not None] += 1
        return found

    evidence_search.EvidenceSearch.read = read
    try:
        given = [answer(c.question, library, history=c.history, model="extractive", exclude=c.remove) for c in cases]
    finally:
        evidence_search.EvidenceSearch.read = searched
    return given, papers[True], sum(papers.values())


def main():
    """Measure each bar against reading everything."""
    parser = argparse.ArgumentParser(prog="python -m bench.far_papers")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    for field in (None, *(FIELDS if options.folder else ())):
        with asked(field, options.folder, options.keep) as (library, cases):
            chosen = cases[: options.limit]
            whole = []
            for bar in BARS:
                given, read, found = answers(library, chosen, bar)
                whole = whole or given
                changed = sum(one.text != other.text for one, other in zip(whole, given, strict=True))
                moved = (abs((a.confidence or 0) - (b.confidence or 0)) for a, b in zip(whole, given, strict=True))
                print(
                    f"{field or 'demo':<13} bar {bar:4.2f}: {read / max(1, found):4.0%} read, {changed} of "
                    f"{len(chosen)} answers changed, confidence by {max(moved, default=0):.3f} at most",
                    flush=True,
                )


if __name__ == "__main__":
    main()
