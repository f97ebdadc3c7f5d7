"""Fit the weights of `rag.verify.witnesses` to written claims that the reader wasn't trained on.

    python -m bench.weigh_witnesses ../shared --cache build/witnesses.pickle --write

Each claim is judged against the sentences that it names and against its abstract; the right ones again against another
sentence of it, and some against the abstract most like it, which say nothing of them. Prints how the checker does on
those and on what only measures: held-out claims, `hard_pairs.jsonl` and `tune.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from bench.logistic import area, fit, odds
from rag.types import Support, Verdict
from rag.verify import default_checker
from rag.verify.builtin import REFERENCES, Comparison, pieces_of
from rag.verify.witnesses import testimony
from training.examples import neighbours
from training.split import evidence, held_out_claims, put_aside, training_files
from training.written import read_abstracts, read_claims

WEIGHTS = Path("rag/verify/witness_weights.py")
# Of the odds from which a claim is supported, those from which it may be in part: 3% of the right claims lie below.
PARTIAL_SHARE = 0.37
RIDGE = 3.0
# What the alignment weighs. A fit to the written claims gives 0.77; human pairs ask for more (docs/lab/reader.md).
ALIGNMENT = 1.1


@dataclass(frozen=True, slots=True)
class Case:
    """A claim with its evidence, the set it is of, the group whose cases stay together, and what is right."""

    claim: str
    evidence: tuple[str, ...]
    of: str
    group: int
    right: bool
    contradicted: bool = False


def cases(shared: Path) -> Iterator[Case]:
    """Yield every case: those of `aside` and `far` are fitted to, the others only measure."""
    abstracts, random = read_abstracts(shared), Random(3)
    aside = [claim for file in training_files("claims") for claim in read_claims(file) if put_aside(claim.abstract)]
    near = neighbours(abstracts, {claim.abstract for claim in aside})
    groups = {name: number for number, name in enumerate(sorted({claim.abstract for claim in aside}))}
    for claim in aside:
        group, abstract = groups[claim.abstract], abstracts[claim.abstract]
        for reach in ("sentences", "abstract"):
            yield Case(claim.text, evidence(claim, abstract, reach), f"aside, {reach}", group, claim.supported)
        far = [i for i in range(len(abstract.sentences)) if all(abs(i - place) > 1 for place in claim.sentences)]
        if claim.supported and far:
            yield Case(claim.text, (abstract.sentences[random.choice(far)],), "far", group, False)
        if claim.abstract in near and random.random() < 0.5:
            yield Case(claim.text, abstracts[near[claim.abstract]].sentences, "far", group, False)
    for claim in held_out_claims():
        kind = "two fields" if claim.abstract.startswith("own:") else "biomedicine"
        for reach in ("sentences", "abstract"):
            held = evidence(claim, abstracts[claim.abstract], reach)
            yield Case(claim.text, held, f"{kind}, {reach}", -1, claim.supported)
    yield from labelled(shared)


def labelled(shared: Path) -> Iterator[Case]:
    """Yield the pairs that others labelled, which only measure."""
    for name, file in (("hard", "findings/hard_pairs.jsonl"), ("human", "benchmarks/judge/tune.jsonl")):
        for line in (shared / file).read_text(encoding="utf-8").splitlines():
            pair = json.loads(line)
            text, label = pair.get("source_text") or pair["evidence"], pair.get("label")
            right = label == "supported" if label else bool(pair["supported"])
            yield Case(pair["claim"], (text,), name, -1, right, label == "contradicted")


def compared(case: Case) -> Comparison | Support:
    """Return what the checker finds before it decides, or its verdict where it compares nothing."""
    checker = default_checker()
    claim = REFERENCES.sub("", case.claim).strip()
    pieces = [piece for text in case.evidence for piece in pieces_of(text)]
    found = checker.check(case.claim, case.evidence)
    settled = found.verdict is Verdict.UNKNOWN or found.score == 1
    return found if settled else checker.compare(claim, pieces)


def report(name: str, right: Sequence[bool], scores: np.ndarray, cut: float) -> None:
    """Print how a set is judged by these scores alone."""
    truth = np.array(right)
    kept = scores >= cut
    good, bad = kept[truth].mean(), kept[~truth].mean()
    print(
        f"{name:24s} {len(truth):4d}  AUROC {area(truth, scores):.3f}  balanced {(good + 1 - bad) / 2:.3f}  "
        f"right supported {good:.3f}  false supported {bad:.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    listed = list(cases(options.shared))
    if not options.cache.exists():
        options.cache.parent.mkdir(parents=True, exist_ok=True)
        options.cache.write_bytes(pickle.dumps([compared(case) for case in listed]))
    found = pickle.loads(options.cache.read_bytes())
    both = [(case, one) for case, one in zip(listed, found, strict=True) if isinstance(one, Comparison)]
    weights = default_checker()._likeness.weights
    given = [testimony(weights.probability(one.features), one.odds, one.grave) for _, one in both]
    names = list(given[0])
    table = np.array([[row[name] for name in names] for row in given])
    right = np.array([case.right for case, _ in both])
    groups = np.array([case.group for case, _ in both])
    fitted = groups >= 0
    place = names.index("alignment")
    rest, given_weight = np.delete(table, place, 1), ALIGNMENT * table[:, place]
    bias, others = fit(rest[fitted], right[fitted].astype(float), RIDGE, given_weight[fitted])
    found_weights = np.insert(others, place, ALIGNMENT)
    scores = odds(table, bias, found_weights)
    aside = np.array([case.of.startswith("aside") for case, _ in both])
    cuts = np.quantile(scores[aside], np.linspace(0.2, 0.8, 61))
    human = np.array([case.of == "human" for case, _ in both])

    def apart(cut: float, chosen: np.ndarray) -> float:
        return float((scores[chosen & right] >= cut).mean() - (scores[chosen & ~right] >= cut).mean())

    # The human pairs choose the cut together with the written claims; nothing is fitted to them.
    cut = max(cuts, key=lambda c: apart(c, aside) + apart(c, human))
    for name in dict.fromkeys(case.of for case, _ in both):
        chosen = np.array([case.of == name for case, _ in both])
        if name == "far":
            print(f"{name:24s} {chosen.sum():4d}  false supported {(scores[chosen] >= cut).mean():.3f}")
            continue
        report(name, right[chosen].tolist(), scores[chosen], cut)
    for name, column in zip(names, table.T, strict=True):
        alone = {of: area(right[aside], column[aside]) for of in ("aside",)}
        print(f"  {name}: AUROC alone {alone['aside']:.3f}")
    chosen = {name: round(float(weight), 4) for name, weight in zip(names, found_weights, strict=True)}
    print(chosen, f"bias {bias:.4f}, supported from {cut:.3f}")
    if options.write:
        lines = "".join(f'    "{name}": {weight},\n' for name, weight in chosen.items())
        WEIGHTS.write_text(
            '"""The weights of `witnesses`, written by `bench/weigh_witnesses.py`: do not edit by hand."""\n\n'
            f"BIAS = {bias:.4f}\nSUPPORTED_FROM, PARTIAL_FROM = {cut:.3f}, {PARTIAL_SHARE * cut:.3f}\n"
            f"WEIGHTS = {{\n{lines}}}\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
