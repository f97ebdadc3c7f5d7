"""Measures a network on what it was not trained on: `python -m training.measure NETWORK.pt --tokenizer FILE`."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from rag.models.reader_input import Encoded, encode
from rag.text.sentences import split_sentences
from training.build import load, tokenizer_of
from training.contrasts import contrasts, unseen_synonyms
from training.false_edits import SUPPORTED
from training.network import Network
from training.passages import Usage
from training.split import evidence, held_out_claims, held_out_pairs, put_aside, training_files
from training.train import HALF, LONGEST, padded
from training.written import Claim, read_abstracts, read_claims, read_questions

Read = Callable[[Sequence[Encoded]], tuple[NDArray[np.float64], list[NDArray[np.float64]]]]


@dataclass(frozen=True, slots=True)
class Rates:
    """How a set was judged; `told_apart` is the area under the ROC curve."""

    balanced: float
    told_apart: float
    right_accepted: float
    false_accepted: float
    right_contradicted: float

    def __str__(self) -> str:
        return (
            f"balanced accuracy {self.balanced:.3f}, AUROC {self.told_apart:.3f}, accepted {self.right_accepted:.2f} "
            f"of the right and {self.false_accepted:.2f} of the false, "
            f"contradicted {self.right_contradicted:.3f} of the right"
        )


def network_reader(network: Network) -> Read:
    """Return what reads pairs with a network of torch."""

    def read(pairs: Sequence[Encoded]) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
        verdicts = np.zeros((len(pairs), 3))
        answers: list[NDArray[np.float64]] = [np.empty(0)] * len(pairs)
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids))
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
            for start in range(0, len(order), 48):
                rows = order[start : start + 48]
                logits, scores = network(*padded([pairs[i] for i in rows]))
                verdicts[rows] = torch.softmax(logits, -1).numpy()
                for row, each in zip(rows, torch.sigmoid(scores).numpy(), strict=True):
                    answers[row] = each
        return verdicts, answers

    return read


def rates(supported: NDArray[np.float64], odds: NDArray[np.float64]) -> Rates:
    """Return how well the odds of the three verdicts, shape (claims, 3), agree with which claims are supported."""
    right = supported.astype(bool)
    accepted = odds.argmax(1) == 0
    ranks = odds[:, 0].argsort().argsort()
    positives = right.sum()
    auroc = (ranks[right].sum() - positives * (positives - 1) / 2) / max(1, positives * (~right).sum())
    sensitivity, passed = accepted[right].mean(), accepted[~right].mean()
    return Rates((sensitivity + 1 - passed) / 2, auroc, sensitivity, passed, (odds.argmax(1)[right] == 2).mean())


def measure_claims(name: str, claims: Iterable[Claim], read: Read, tokenizer: object, shared: Path) -> None:
    """Print how written claims are judged, and which kinds are judged right."""
    abstracts = read_abstracts(shared)
    listed = list(claims)
    right = np.array([claim.supported for claim in listed], dtype=float)
    for reach in ("sentences", "neighbours", "abstract"):
        pairs = [encode(tokenizer, c.text, evidence(c, abstracts[c.abstract], reach), LONGEST) for c in listed]
        odds, _ = read(pairs)
        print(f"{name} ({len(listed)}), against the {reach}: {rates(right, odds)}", flush=True)
        if reach == "sentences":
            kinds: dict[str, list[bool]] = defaultdict(list)
            for claim, row in zip(listed, odds, strict=True):
                kinds[("right " if claim.supported else "false ") + claim.kind].append(
                    (row.argmax() == 0) == claim.supported
                )
            print(
                "   " + ", ".join(f"{kind} {np.mean(hits):.2f} of {len(hits)}" for kind, hits in sorted(kinds.items()))
            )


def measure_twins(read: Read, tokenizer: object, shared: Path) -> None:
    """Print how often a right claim scores above its false twin, which differs from it by its fault alone."""
    abstracts = read_abstracts(shared)
    twins = held_out_pairs()
    for reach in ("sentences", "abstract"):
        odds = [
            read([encode(tokenizer, c.text, evidence(c, abstracts[c.abstract], reach), LONGEST) for c in side])[0]
            for side in zip(*twins, strict=True)
        ]
        right, false = odds
        apart = (right > false)[:, 0].mean()
        accepted = [(side.argmax(1) == 0).mean() for side in odds]
        print(f"twins ({len(twins)}), against the {reach}: the right one scores higher {apart:.3f}, ", end="")
        print(f"accepted {accepted[0]:.2f} of the right and {accepted[1]:.2f} of the false")
        if reach == "sentences":
            kinds: dict[str, list[bool]] = defaultdict(list)
            for (_, claim), one, other in zip(twins, right, false, strict=True):
                kinds[claim.kind].append(bool(one[0] > other[0]))
            print(
                "   " + ", ".join(f"{kind} {np.mean(hits):.2f} of {len(hits)}" for kind, hits in sorted(kinds.items()))
            )


def measure_contrasts(read: Read, tokenizer: object, shared: Path) -> None:
    """Print how often contrasts made of the abstracts put aside are judged right, by kind."""
    abstracts = read_abstracts(shared)
    usage = Usage(list(abstracts.values()))
    aside = [abstract for name, abstract in abstracts.items() if put_aside(name)]
    made = [*contrasts(aside, 3, 17, usage), *unseen_synonyms(aside, 17, usage)]
    odds, _ = read([encode(tokenizer, one.claim, one.passages, LONGEST) for one in made])
    kinds: dict[str, list[bool]] = defaultdict(list)
    for one, row in zip(made, odds, strict=True):
        right = one.verdict == SUPPORTED
        for kind in one.kind.split() if right and one.kind != "unseen synonym" else [one.kind]:
            kinds[("right " if right else "false ") + kind.strip("_")].append((row.argmax() == 0) == right)
    print(
        f"contrasts ({len(made)}): "
        + ", ".join(f"{kind} {np.mean(hits):.2f} of {len(hits)}" for kind, hits in sorted(kinds.items()))
    )


def measure_labelled(name: str, file: Path, read: Read, tokenizer: object) -> None:
    """Print how labelled pairs of a text and a claim are judged."""
    with file.open(encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    texts = [pair.get("source_text") or pair.get("evidence") for pair in pairs]
    claims = [pair.get("claim") or pair.get("sentence") for pair in pairs]
    passages = [tuple(text[s.start : s.end] for s in split_sentences(text)) for text in texts]
    odds, _ = read([encode(tokenizer, claim, some, LONGEST) for claim, some in zip(claims, passages, strict=True)])
    right = np.array([_supported(pair) for pair in pairs], dtype=float)
    contradicted = np.array([pair.get("label") == "contradicted" for pair in pairs])
    said = odds.argmax(1) == 2
    print(
        f"{name} ({len(pairs)}): {rates(right, odds)}; of the contradicted {said[contradicted].mean():.2f} found, "
        f"precision {contradicted[said].mean() if said.any() else 0:.2f}", flush=True
    )  # fmt: skip


def _supported(pair: dict[str, object]) -> bool:
    return pair["label"] == "supported" if "label" in pair else bool(pair["supported"])


def measure_questions(read: Read, tokenizer: object, shared: Path) -> None:
    """Print how often the best sentence of an abstract answers, and how well the unanswerable are told apart."""
    abstracts = read_abstracts(shared)
    asked = [q for file in training_files("questions") for q in read_questions(file) if put_aside(q.abstract)]
    encoded = [
        encode(tokenizer, q.text, (abstracts[q.abstract].title, *abstracts[q.abstract].sentences), 384) for q in asked
    ]
    _, answers = read(encoded)
    hits, best, answerable = [], [], []
    for question, one, scores in zip(asked, encoded, answers, strict=True):
        of_sentences = [0.0 if text is None else score for text, score in zip(one.texts[2:], scores[1:], strict=False)]
        best.append(max(of_sentences))
        answerable.append(float(bool(question.answers)))
        if question.answers:
            hits.append(int(np.argmax(of_sentences)) in question.answers)
    odds = np.stack([np.array(best), 1 - np.array(best), np.zeros(len(best))], 1)
    print(
        f"questions ({len(asked)}): the best sentence answers {np.mean(hits):.3f}; "
        f"answerable or not: {rates(np.array(answerable), odds)}"
    )


def report(read: Read, tokenizer: object, shared: Path) -> None:
    """Print all measures."""
    aside = [c for file in training_files("claims") for c in read_claims(file) if put_aside(c.abstract)]
    measure_claims("claims put aside", aside, read, tokenizer, shared)
    held = held_out_claims()
    measure_claims(
        "held out, biomedicine", [c for c in held if not c.abstract.startswith("own:")], read, tokenizer, shared
    )
    measure_claims(
        "held out, two fields unseen", [c for c in held if c.abstract.startswith("own:")], read, tokenizer, shared
    )
    measure_twins(read, tokenizer, shared)
    measure_contrasts(read, tokenizer, shared)
    measure_labelled("hard pairs", shared / "findings/hard_pairs.jsonl", read, tokenizer)
    measure_labelled("human pairs", shared / "benchmarks/judge/tune.jsonl", read, tokenizer)
    measure_questions(read, tokenizer, shared)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure a network."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("network", type=Path)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    chosen = parser.parse_args(arguments)
    report(network_reader(load(chosen.network)), tokenizer_of(chosen.tokenizer), chosen.shared)


if __name__ == "__main__":
    main()
