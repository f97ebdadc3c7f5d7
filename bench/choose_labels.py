"""Whether labels are worth more where the judge is unsure, on pairs that people labelled.

    python -m bench.choose_labels ../shared/benchmarks/judge/tune.jsonl --keep build/verdicts.json

Active statistical inference (Zrnic and Candès 2024) asks for a sentence with a chance that grows with the square root
of the judge's error there, and weighs each label with one over its chance. How often the judge errs at a score is
learnt from half of the source texts (`learnt`), from the very sentences of the run, which nobody could (`known`), or
taken from how near the score is to where the verdict turns (`near the cut`). Samples have a fixed size: those first by
a random number of each sentence over the odds of its chance (Rosén 1997). A fifth of the chance is the same for all.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.judge_intervals import (
    DIFFERENCES,
    DRAWS,
    EACH,
    LABELLED,
    SEED,
    SENTENCES,
    SHARES,
    Ends,
    Generator,
    Ruled,
    drawn_in_twos,
    halves,
    held,
    ruled,
    run_of,
    table,
)
from eval.estimates import Floats, Z
from eval.judges.correction import judge_weight, within_one

FLOOR = 0.2
# Of the neighbours by rank whose errors count for a score, as a share of all.
NEAR = 0.08
WAYS = ("all alike", "learnt", "known", "near the cut")


def error_rates(scores: Floats, known: Sequence[Ruled]) -> Floats:
    """Return how often the judge errs at these scores, by its verdicts on pairs of which the truth is known."""
    ordered = sorted(known, key=lambda one: one.score)
    ranks = np.arange(len(ordered)) / len(ordered)
    wanted = np.searchsorted([one.score for one in ordered], scores) / len(ordered)
    near = np.exp(-(((wanted[:, None] - ranks) / NEAR) ** 2) / 2)
    return np.asarray(near @ np.array([one.true != one.said for one in ordered]) / near.sum(axis=1))


def nearness(scores: Floats, known: Sequence[Ruled]) -> Floats:
    """Return a half where the verdict turns, falling to nothing at the ends of the score."""
    cut = min(one.score for one in known if one.said)
    below = scores < cut
    return np.clip(0.5 - np.where(below, (cut - scores) / (2 * cut), (scores - cut) / (2 - 2 * cut)), 0.0, 0.5)


def chances(way: str, run: Sequence[Ruled], card: Sequence[Ruled]) -> Floats:
    """Return for each sentence of a run the chance that its label is asked for."""
    scores = np.array([one.score for one in run])
    rates = {
        "all alike": lambda: np.ones(len(run)),
        "learnt": lambda: error_rates(scores, card),
        "known": lambda: error_rates(scores, run),
        "near the cut": lambda: nearness(scores, card),
    }[way]()
    unsure = np.sqrt(rates)
    mixed = (1 - FLOOR) * unsure / unsure.sum() + FLOOR / len(run)
    return np.minimum(LABELLED * mixed, 0.99)


def chosen(chance: Floats, draw: Generator) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Choose sentences by their chances."""
    number = draw.random(len(chance))
    return np.argsort(number / (1 - number) * (1 - chance) / chance)[:LABELLED]


def estimate(run: Sequence[Ruled], card: Sequence[Ruled], way: str, draw: Generator) -> tuple[float, float]:
    """Return the share of supported sentences and its standard error: PPI++ with weighted labels.

    With equal chances these are those of `prediction_powered`.
    """
    chance = chances(way, run, card)
    asked = chosen(chance, draw)
    said, true = (np.array(column, dtype=float) for column in zip(*((r.said, r.true) for r in run), strict=True))
    weights = 1 / chance[asked] / np.mean(1 / chance[asked])
    weight = judge_weight(said[asked], true[asked], len(run))
    errors = true[asked] - weight * said[asked]
    mean = float(np.mean(weights * errors))
    spread = float(np.append(weights * (errors - mean), (1.0, -1.0)).var())
    variance = float((weight * said).var()) / len(run) + spread / LABELLED
    return weight * float(said.mean()) + mean, float(np.sqrt(variance))


def ends(value: float, error: float, lowest: float) -> Ends:
    """Return a 95% interval."""
    return max(lowest, value - Z * error), within_one(value + Z * error)


def shares(found: Sequence[Ruled], share: float, draw: Generator) -> Iterator[tuple[dict[str, Ends], float]]:
    """Draw runs with this share of supported sentences."""
    for _ in range(DRAWS):
        card, rest = halves(found, draw)
        run = run_of(rest, [bool(one) for one in draw.random(SENTENCES) < share], draw)
        yield {way: ends(*estimate(run, card, way, draw), 0.0) for way in WAYS}, share


def differences(
    found: Sequence[Ruled], one: float, other: float, draw: Generator
) -> Iterator[tuple[dict[str, Ends], float]]:
    """Draw two runs with these shares, with 40 labels each."""
    for card, first, second in drawn_in_twos(found, one, other, draw):
        intervals = {}
        for way in WAYS:
            (before, error), (after, more) = (estimate(run, card, way, draw) for run in (first, second))
            intervals[way] = ends(after - before, float(np.hypot(error, more)), -1.0)
        yield intervals, other - one


def main() -> None:
    """Judge the pairs and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path, help="labelled pairs, one JSON object a line")
    parser.add_argument("--keep", type=Path, help="keep the verdicts here, for another run")
    options = parser.parse_args()
    found = ruled(options.pairs, options.keep)
    rates = error_rates(np.array([one.score for one in found]), found)
    narrower = 1 - np.mean(np.sqrt(rates)) / np.sqrt(np.mean(rates))
    print(f"{len(found)} pairs: by score the judge errs on {rates.min():.0%} to {rates.max():.0%} of them")
    print(f"asking by these rates narrows what labels leave uncertain by {narrower:.1%}, were they known for sure")
    print(f"{DRAWS} draws; how often a 95% interval holds the true value (and its mean width)")
    draw = np.random.default_rng(SEED)
    table(
        f"runs of {SENTENCES} sentences, {LABELLED} labels, by their true share of supported ones",
        ((f"{share}", held(shares(found, share, draw))) for share in SHARES),
    )
    table(
        f"two runs of {EACH} answers, {LABELLED} labels each, by their true shares",
        ((f"{one} and {other}", held(differences(found, one, other, draw))) for one, other in DIFFERENCES),
    )


if __name__ == "__main__":
    main()
