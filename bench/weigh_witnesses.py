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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from bench.logistic import area, fit, odds
from rag.types import Support, Verdict
from rag.verify import default_checker
from rag.verify.builtin import REFERENCES, Comparison, pieces_of
from rag.verify.witnesses import Scale, testimony
from training.contrasts import Contrast, contrasts
from training.examples import neighbours
from training.false_edits import SUPPORTED
from training.passages import Usage
from training.split import evidence, held_out_claims, held_out_pairs, put_aside, training_files
from training.written import Abstract, read_abstracts, read_claims

WEIGHTS = Path("rag/verify/witness_weights.py")
# Of the odds from which a claim is supported, those from which it may be in part: 3% of the right claims lie below.
PARTIAL_SHARE = 0.37
RIDGE = 3.0
# What the alignment weighs. A fit to the written claims gives 0.77; human pairs ask for more (docs/lab/reader.md).
ALIGNMENT = 1.1
# Of cuts that set right and false apart equally well but for this, the lowest: each right sentence that is doubted
# costs a reader's trust.
NEARLY_AS_GOOD = 0.002
PASSED = 0.985  # share of the right near copies that pass; of the false ones a quarter do


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
    for contrast in made(abstracts):
        group = len(groups)
        yield Case(contrast.claim, contrast.passages, "made", group, contrast.verdict == SUPPORTED)
    yield from held_out(abstracts)
    yield from labelled(shared)


def held_out(abstracts: Mapping[str, Abstract]) -> Iterator[Case]:
    """Yield the claims of held-out abstracts, and the right claims with their false twins."""
    for claim in held_out_claims():
        kind = "two fields" if claim.abstract.startswith("own:") else "biomedicine"
        for reach in ("sentences", "abstract"):
            held = evidence(claim, abstracts[claim.abstract], reach)
            yield Case(claim.text, held, f"{kind}, {reach}", -1, claim.supported)
    for twins in held_out_pairs():
        for claim in twins:
            held = evidence(claim, abstracts[claim.abstract], "sentences")
            yield Case(claim.text, held, "twins", -1, claim.supported)


def made(abstracts: Mapping[str, Abstract]) -> Iterator[Contrast]:
    """Yield the contrasts that a program makes of the abstracts put aside."""
    usage = Usage(list(abstracts.values()))
    yield from contrasts([abstract for name, abstract in abstracts.items() if put_aside(name)], 2, 17, usage)


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
    copies = [(case, one) for case, one in both if one.close]
    others = [(case, one) for case, one in both if not one.close]
    # The human pairs choose a cut together with the written claims; nothing is fitted to them.
    scales = {
        "COPIES": scale_of(copies, {}, ()),
        "OTHERS": scale_of(
            [one for one in others if one[0].of != "made"], {"alignment": ALIGNMENT}, ("aside", "human")
        ),
    }
    for name, scale in scales.items():
        print(name, scale)
    for name, some, scale in (("copies", copies, scales["COPIES"]), ("others", others, scales["OTHERS"])):
        report(name, some, {True: scale, False: scale})
    report("all", both, {True: scales["COPIES"], False: scales["OTHERS"]})
    if options.write:
        WEIGHTS.write_text(written(scales), encoding="utf-8")


def scale_of(cases: Sequence[tuple[Case, Comparison]], given: Mapping[str, float], choosing: Sequence[str]) -> Scale:
    """Fit what each witness weighs, but for the weights that are given.

    These sets choose the cuts, so that right and false lie farthest apart; where there are none, most right ones pass.
    """
    rows = [table_row(one) for _, one in cases]
    right = np.array([case.right for case, _ in cases])
    fitted = np.array([case.group >= 0 for case, _ in cases])
    names = [name for name in rows[0] if name not in given]
    table = np.array([[row[name] for name in names] for row in rows])
    offset = np.array([sum(weight * row[name] for name, weight in given.items()) for row in rows])
    bias, weights = fit(table[fitted], right[fitted].astype(float), RIDGE, offset[fitted])
    scores = odds(np.column_stack([table, offset]), bias, np.append(weights, 1.0))
    right_ones = scores[fitted & right]
    cuts = np.quantile(scores[fitted], np.linspace(0.1, 0.8, 71)) if choosing else np.quantile(right_ones, [1 - PASSED])
    sets = [np.array([case.of.startswith(of) for case, _ in cases]) for of in choosing]
    gains = [sum(apart(scores[some], right[some], cut) for some in sets) for cut in cuts]
    cut = min(cut for cut, gain in zip(cuts, gains, strict=True) if gain >= max(gains) - NEARLY_AS_GOOD)
    found = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
    return Scale(round(bias, 4), round(float(cut), 3), round(PARTIAL_SHARE * float(cut), 3), {**given, **found})


def table_row(one: Comparison) -> dict[str, float]:
    """Return what is weighed of a comparison."""
    weights = default_checker()._likeness.weights
    return testimony(weights.probability(one.features), one.odds, one.grave)


def apart(scores: np.ndarray, right: np.ndarray, cut: float) -> float:
    """Return how much larger a share of the right ones than of the false ones lies above the cut."""
    return float((scores[right] >= cut).mean() - (scores[~right] >= cut).mean())


def report(title: str, cases: Sequence[tuple[Case, Comparison]], scales: Mapping[bool, Scale]) -> None:
    """Print how each set is judged by the scores alone."""
    print(title)
    scores = np.array([scales[one.close].probability(table_row(one)) for _, one in cases])
    kept = scores >= np.array([scales[one.close].supported_from for _, one in cases])
    right = np.array([case.right for case, _ in cases])
    for name in dict.fromkeys(case.of for case, _ in cases):
        some = np.array([case.of == name for case, _ in cases])
        truth, said = right[some], kept[some]
        good, bad = said[truth].mean() if truth.any() else np.nan, said[~truth].mean()
        known = area(truth, scores[some]) if truth.any() else np.nan
        print(
            f"  {name:24s} {len(truth):4d}  AUROC {known:.3f}  balanced {(good + 1 - bad) / 2:.3f}  "
            f"right supported {good:.3f}  false supported {bad:.3f}"
        )


def written(scales: Mapping[str, Scale]) -> str:
    """Return the module of the weights."""
    lines = [
        '"""The scales of `witnesses`, written by `bench/weigh_witnesses.py`: do not edit by hand.',
        "",
        "Each: the bias, the probability from which a claim is supported, and from which in part, and the weights.",
        '"""',
        "",
    ]
    for name, scale in scales.items():
        lines.append(f"{name} = ({scale.bias}, {scale.supported_from}, {scale.partial_from}, {{")
        lines += [f'    "{witness}": {weight},' for witness, weight in scale.weights.items()]
        lines.append("})")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
