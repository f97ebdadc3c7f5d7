"""How often the intervals that correct for the judge hold the true share, on pairs that people labelled.

    python -m bench.judge_intervals ../shared/benchmarks/judge/tune.jsonl --keep build/verdicts.json

The judge rules on every pair once. Each of 1,000 draws then halves the source texts at random: one half makes a card,
the other gives a run of which the share of supported sentences is known. Each pair is one cited sentence, drawn once,
so a run is as new to the card as any. A second table has cards made of all other sets than the one that the run is
from: what a card is worth in another field. A third has pairs of runs and the difference between them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.estimates import Floats
from eval.judges.corrected_difference import (
    Judgement,
    Paired,
    corrected_difference,
    prediction_powered_difference,
)
from eval.judges.correction import Accuracy, Verdicts, accuracy_of, corrected_mean, prediction_powered
from eval.judges.labelled_pairs import label_of, read_pairs
from eval.judges.registry import judge_sha256, open_judge

DRAWS, RESAMPLES = 1_000, 400
# Of a run, and how many of its sentences are labelled. A half holds about 140 supported pairs and 205 others.
SENTENCES, LABELLED = 120, 40
SHARES = (0.2, 0.4, 0.6, 0.8, 0.9)
DIFFERENCES = ((0.5, 0.5), (0.6, 0.4), (0.8, 0.4))
EACH = 80  # answers of each of two runs
LONGEST_ANSWER = 4
SEED = 20_240_229

Generator = np.random.Generator
Ends = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Ruled:
    """A pair: its source text, the set that it is from, whether people and whether the judge find it supported.

    `score` is the judge's.
    """

    source: str
    origin: str
    true: bool
    said: bool
    score: float


def ruled(path: Path, keep: Path | None) -> list[Ruled]:
    """Judge every pair, or take the verdicts that an earlier run of this judge on these pairs kept."""
    pairs = read_pairs(path)
    made_by = {"pairs": hashlib.sha256(path.read_bytes()).hexdigest(), "judge": judge_sha256()}
    kept = json.loads(keep.read_text(encoding="utf-8")) if keep and keep.exists() else {}
    if kept.get("made_by") != made_by or "scores" not in kept:
        judge = open_judge("builtin")
        found = [judge.check(pair.claim, [pair.source_text]) for pair in pairs]
        said, scores = [label_of(one) for one in found], [one.score for one in found]
        kept = {"made_by": made_by, "said": said, "scores": scores}
        if keep:
            keep.parent.mkdir(parents=True, exist_ok=True)
            keep.write_text(json.dumps(kept), encoding="utf-8")
    return [
        Ruled(pair.source_text, pair.origin.split("/")[0], pair.label == "supported", said == "supported", score)
        for pair, said, score in zip(pairs, kept["said"], kept["scores"], strict=True)
    ]


def halves(found: Sequence[Ruled], draw: Generator) -> tuple[list[Ruled], list[Ruled]]:
    """Halve the source texts at random: claims about one text depend on one another."""
    sources = sorted({one.source for one in found})
    first = set(draw.permutation(np.array(sources, dtype=object))[: len(sources) // 2])
    return [one for one in found if one.source in first], [one for one in found if one.source not in first]


def card_of(found: Sequence[Ruled]) -> Accuracy:
    """Make the card of a judge from these pairs."""
    confusion = {label: {"supported": 0, "rest": 0} for label in ("supported", "not_supported", "contradicted")}
    for one in found:
        confusion["supported" if one.true else "not_supported"]["supported" if one.said else "rest"] += 1
    accuracy = accuracy_of({"confusion": confusion})
    if accuracy is None:
        raise SystemExit("the pairs have one label only: give some of each")
    return accuracy


def run_of(found: Sequence[Ruled], true: Sequence[bool], draw: Generator) -> list[Ruled]:
    """Draw a pair for each sentence of a run, none twice; `true` has whether each is supported."""
    pools = {kind: iter(draw.permutation([n for n, one in enumerate(found) if one.true is kind]))
             for kind in (True, False)}  # fmt: skip
    return [found[next(pools[kind])] for kind in true]


def sentence_by_sentence(run: Sequence[Ruled]) -> list[Verdicts]:
    """Take each sentence for an answer of its own."""
    return [Verdicts(0.0, float(one.said), 1.0) for one in run]


def answers(run: Sequence[Ruled], draw: Generator) -> list[list[Ruled]]:
    """Put the sentences of a run into answers of one to four."""
    found, rest = [], list(run)
    while rest:
        count = int(draw.integers(1, LONGEST_ANSWER + 1))
        found.append(rest[:count])
        rest = rest[count:]
    return found


def shares(group: Sequence[Ruled]) -> tuple[float, float]:
    """Return the share of an answer's sentences that the judge accepts, and that people do."""
    return sum(one.said for one in group) / len(group), sum(one.true for one in group) / len(group)


def intervals(card: Accuracy, run: Sequence[Ruled], draw: Generator) -> dict[str, Ends]:
    """Return the interval of each way to state the share of supported sentences."""
    said = [one.said for one in run]
    grouped = [shares(group) for group in answers(run, draw)]
    verdicts = [Verdicts(0.0, accepted, 1.0) for accepted, _ in grouped]
    labelled = [(one.said, one.true) for one in run[:LABELLED]]
    raw = float(np.mean(said))
    error = 1.96 * (raw * (1 - raw) / len(said)) ** 0.5
    by_card = corrected_mean(sentence_by_sentence(run), card, resamples=RESAMPLES)
    by_answers = corrected_mean(verdicts, card, resamples=RESAMPLES)
    by_labels = prediction_powered(said, labelled)
    by_facts = prediction_powered([accepted for accepted, _ in grouped], grouped[:LABELLED])
    return {
        "as judged": (raw - error, raw + error),
        **{name: None if one is None else (one.low, one.high) for name, one in (
            ("by the card", by_card), ("by 40 labels", by_labels), ("answers, by the card", by_answers),
            ("answers, by labels", by_facts),
        )},
    }  # fmt: skip


def held(draws: Iterator[tuple[dict[str, Ends], float]]) -> dict[str, tuple[float, float]]:
    """Return for each interval how often it holds the true value, and its mean width."""
    found: dict[str, list[tuple[bool, float]]] = {}
    for each, true in draws:
        for name, ends in each.items():
            low, high = ends or (0.0, 1.0)
            found.setdefault(name, []).append((low <= true <= high, high - low))
    return {name: tuple(np.mean(np.array(rows, dtype=float), axis=0)) for name, rows in found.items()}


def same_sets(found: Sequence[Ruled], share: float, draw: Generator) -> Iterator[tuple[dict[str, Ends], float]]:
    """Draw runs and cards of the same sets. The share of a run differs as chance would have it."""
    for _ in range(DRAWS):
        mine, rest = halves(found, draw)
        run = run_of(rest, [bool(one) for one in draw.random(SENTENCES) < share], draw)
        yield intervals(card_of(mine), run, draw), share


def another_set(found: Sequence[Ruled], origin: str, draw: Generator) -> Iterator[tuple[dict[str, Ends], float]]:
    """Draw runs of one set, with the card of all others."""
    card = card_of([one for one in found if one.origin != origin])
    own = [one for one in found if one.origin == origin]
    fewest = min(sum(one.true for one in own), sum(not one.true for one in own))
    count = min(SENTENCES // 2, fewest * 4 // 3)
    for _ in range(DRAWS):
        true = min(fewest, max(count - fewest, int(draw.binomial(count, 0.5))))
        wanted = draw.permutation([True] * true + [False] * (count - true))
        yield intervals(card, run_of(own, [bool(one) for one in wanted], draw), draw), 0.5


def drawn_in_twos(
    found: Sequence[Ruled], one: float, other: float, draw: Generator
) -> Iterator[tuple[Sequence[Ruled], Sequence[Ruled], Sequence[Ruled]]]:
    """Draw the pairs of a card, and two runs of `EACH` sentences with these shares of supported ones."""
    for _ in range(DRAWS):
        mine, rest = halves(found, draw)
        wanted = np.concatenate([draw.random(EACH) < one, draw.random(EACH) < other])
        both = run_of(rest, [bool(kind) for kind in wanted], draw)
        yield mine, both[:EACH], both[EACH:]


def two_runs(
    found: Sequence[Ruled], one: float, other: float, draw: Generator
) -> Iterator[tuple[dict[str, Ends], float]]:
    """Draw two runs over the same questions, of one sentence each."""
    for mine, first, second in drawn_in_twos(found, one, other, draw):
        card = card_of(mine)
        pairs = [Paired(*sentence_by_sentence(two)) for two in zip(first, second, strict=True)]
        by_card = corrected_difference(pairs, (card, card), resamples=RESAMPLES)
        by_labels = prediction_powered_difference(_judged(first), _judged(second))
        apart = np.array([b.said - a.said for a, b in zip(first, second, strict=True)], dtype=float)
        error = 1.96 * float(apart.std()) / EACH**0.5
        raw = float(apart.mean())
        yield (
            {
                "as judged": (raw - error, raw + error),
                "by the card": None if by_card is None else (by_card.low, by_card.high),
                "by 40 labels": None if by_labels is None else (by_labels.low, by_labels.high),
            },
            other - one,
        )


def _judged(run: Sequence[Ruled]) -> list[Judgement]:
    return [Judgement(float(one.said), float(one.true) if n < LABELLED else None) for n, one in enumerate(run)]


def grounded_without_errors(card: Accuracy, draw: Generator) -> Floats:
    """Draw the share of grounded sentences, freed of the judge's errors: half of 60, by one of five passages each.

    A verdict less its false support, over what separates the judge from chance, is what it stands for on average; with
    errors that are independent, so is the product for "none of them supports it".
    """
    true = np.zeros((60, 5), dtype=bool)
    true[:30, 0] = True
    said = draw.random((DRAWS, *true.shape)) < np.where(true, card.sensitivity, 1 - card.specificity)
    corrected = (said - (1 - card.specificity)) / (card.sensitivity + card.specificity - 1)
    return np.asarray((1 - (1 - corrected).prod(axis=2)).mean(axis=1))


def table(title: str, rows: Iterator[tuple[str, dict[str, tuple[float, float]]]]) -> None:
    """Print how often each interval holds the true value, and how wide it is."""
    print(f"\n{title}")
    for place, (name, found) in enumerate(rows):
        if not place:
            print("| | " + " | ".join(found) + " |")
            print("|---|" + "---|" * len(found))
        cells = (f"{share:.1%} ({width:.2f})" for share, width in found.values())
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Judge the pairs and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path, help="labelled pairs, one JSON object a line")
    parser.add_argument("--keep", type=Path, help="keep the verdicts here, for another run")
    options = parser.parse_args()
    found = ruled(options.pairs, options.keep)
    whole = card_of(found)
    print(f"{len(found)} pairs, sensitivity {whole.sensitivity:.2f}, specificity {whole.specificity:.2f}")
    print(f"{DRAWS} draws; how often a 95% interval holds the true value (and its mean width)")
    draw = np.random.default_rng(SEED)
    table(
        f"runs of {SENTENCES} sentences, by their true share of supported ones",
        ((f"{share}", held(same_sets(found, share, draw))) for share in SHARES),
    )
    table(
        "runs of one set, the card made of the others",
        ((origin, held(another_set(found, origin, draw))) for origin in sorted({one.origin for one in found})),
    )
    table(
        f"two runs of {EACH} answers, by their true shares",
        ((f"{one} and {other}", held(two_runs(found, one, other, draw))) for one, other in DIFFERENCES),
    )
    grounded = grounded_without_errors(whole, draw)
    low, high = np.quantile(grounded, [0.025, 0.975])
    print(f"\ngroundedness of 0.5 by five passages, without the judge's errors: mean {grounded.mean():.2f}, "
          f"95% of the draws from {low:.1f} to {high:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
