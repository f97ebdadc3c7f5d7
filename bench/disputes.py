"""Measure how well the reader tells findings that dispute another paper's from those that don't, and propose the bar.

    python -m bench.disputes ../shared [--weights FILE]

The findings are those of `training/findings/aside.txt`, which nothing is trained on; each is read with its sentence,
either one as the claim in turn (`rag.verify.disputes`). The bar proposed is the lowest that at most 2% reach of the
findings that don't dispute their sentence, both of all and of those that an answer would have read, as they share
enough terms with it: put it into `BAR` there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from bench.logistic import Floats, area
from rag.models.reader import WEIGHTS, Reader
from rag.verify.agreement import on_one_subject
from rag.verify.disputes import BAR, disputes
from training.written import HERE, read_abstracts, read_findings

FINDINGS = HERE / "findings" / "aside.txt"
FALSE = 0.02  # share of the findings that don't dispute that may be called disputes
BARS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # printed beside the one in use and the one proposed
OTHERS = ("agree", "aside", "near")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="other weights of the reader")
    options = parser.parse_args()
    abstracts, findings = read_abstracts(options.shared), read_findings(FINDINGS)
    pairs = [(abstracts[one.abstract].sentences[one.sentence], one.text) for one in findings]
    sure = np.array(disputes(pairs, Reader(options.weights), bar=0.0))
    stances = np.array([one.stance for one in findings])
    near = np.array([on_one_subject(*pair) for pair in pairs])
    others = stances != "dispute"
    proposed = max(lowest_bar(sure[others]), lowest_bar(sure[others & near]))
    for name, some in (("all findings", np.ones_like(near)), ("those that an answer would have read", near)):
        print(f"{name}: {some.sum()}, of which {(stances[some] == 'dispute').sum()} dispute")
        print_table(sure[some], stances[some], sorted({*BARS, BAR, proposed}))
    print(f"proposed: {proposed}; in use: {BAR}")


def lowest_bar(others: Floats) -> float:
    """Return the lowest bar in steps of 0.01 that at most 2% of the findings that don't dispute reach."""
    return next(bar for bar in (n / 100 for n in range(1, 101)) if (others >= bar).mean() <= FALSE or bar == 1)


def print_table(sure: Floats, stances: np.ndarray, bars: list[float]) -> None:
    """Print the AUROC and, for each bar, the share of each stance that is called a dispute."""
    right = stances == "dispute"
    print(f"AUROC of a dispute against the others: {area(right, sure):.3f}")
    print("| bar | disputes found | " + " | ".join(f"called so: {stance}" for stance in OTHERS) + " | all others |")
    print("|---" * (len(OTHERS) + 3) + "|")
    for bar in bars:
        called = sure >= bar
        shares = [called[right], *(called[stances == stance] for stance in OTHERS), called[~right]]
        print(f"| {bar:.2f} | " + " | ".join(f"{share.mean():.3f}" for share in shares) + " |")


if __name__ == "__main__":
    main()
