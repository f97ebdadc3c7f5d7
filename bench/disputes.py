"""How well the reader recognises findings that dispute each other: `python -m bench.disputes ../shared`.

Over the findings of `training/findings/aside.txt`, whose abstracts are never trained on: each was written as what
another paper might have found, and agrees with a sentence, disputes it, narrows it, or is about something else. Prints
how well the disputes stand apart, and for some bars how many are recognised and how many others are taken for one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from bench.logistic import area
from rag.models.reader import Reader, default_reader
from rag.verify.disputes import disputed
from training.written import HERE, read_abstracts, read_findings

BARS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="the folder that holds `benchmarks`")
    parser.add_argument("--reader", type=Path, help="the network to measure (the one that is shipped)")
    options = parser.parse_args()
    reader = Reader(options.reader) if options.reader else default_reader()
    abstracts = read_abstracts(options.shared)
    findings = read_findings(HERE / "findings" / "aside.txt")
    pairs = [(abstracts[finding.abstract].sentences[finding.sentence], finding.text) for finding in findings]
    likely = np.array([disputed(*pair, reader) for pair in pairs])
    stances = np.array([finding.stance for finding in findings])
    dispute = stances == "dispute"
    print(f"{len(findings)} findings, AUROC {area(dispute, likely):.3f}")
    print("bar   " + "  ".join(sorted(set(stances))))
    for bar in BARS:
        shares = (f"{np.mean(likely[stances == stance] >= bar):.3f}" for stance in sorted(set(stances)))
        print(f"{bar:.2f}  {'  '.join(shares)}")


if __name__ == "__main__":
    main()
