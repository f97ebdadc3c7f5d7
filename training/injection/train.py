"""Fit the screen for sentences that speak to a language model (`rag/write/injection_classifier.py`), and measure it.

    python training/injection/train.py --shared ../shared [--write]

`--shared` names the folder with `benchmarks` and `seeds`. It trains on `attacks.jsonl`, `innocent.jsonl`, the sets of
`tests/write` and ordinary sentences (Cranfield, and the judge's training pairs without SciFact's). It measures on what
was put aside: `fresh_attacks.jsonl`, `fresh_innocent.jsonl`, SciFact, PubMedQA and the saved pages. Vectors are kept in
the folder `--cache`. scipy is needed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from scipy.optimize import minimize

from rag.models.minilm import MiniLM
from rag.sources import read
from rag.sources.cleaning import clean
from rag.text.sentences import split_sentences
from rag.text.words import read_plainly
from rag.types import Record
from rag.write.injection_classifier import SLOTS, WEIGHTS, parts, slots

HERE = Path(__file__).parent
TESTS = HERE.parents[1] / "tests" / "write"
SETS = ("attacks", "innocent", "fresh_attacks", "fresh_innocent", "fresh_innocent_languages")
ORDINARY = 12_000  # sentences of the judge's pairs
L2, HEAVIER = 0.1, 10.0  # the second of items written by hand: chosen on `orders.jsonl`, before it was trained on
FALSE_ALARMS = 8  # that the threshold leaves, in all ordinary sentences that were put aside
DOUBTFUL = 0.08  # share of ordinary parts that are embedded


def texts(path: Path) -> list[str]:
    """Read the texts of a .jsonl file."""
    return [str(line["text"]) for line in lines(path)]


def marked(path: Path) -> list[str]:
    """Read the sentences of a .jsonl file that stand in «…»."""
    return [clean(order) for text in texts(path) for order in re.findall("«(.*?)»", text)]


def unmarked(path: Path) -> list[str]:
    """Read the sentences of a .jsonl file that stand outside «…»."""
    return [s for text in texts(path) for s in sentences(re.sub("«.*?»", "", text))]


def sentences(text: str) -> list[str]:
    """Cut a text as abstracts are cut on the way in."""
    text = clean(text)
    return [text[span.start : span.end] for span in split_sentences(text)]


def lines(path: Path) -> list[dict[str, Any]]:
    """Read a .jsonl file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def ordinary(shared: Path) -> list[str]:
    """Return the ordinary sentences to train on."""
    benchmarks = shared / "benchmarks"
    found = [s for r in lines(benchmarks / "cranfield" / "corpus.jsonl") for s in [*sentences(r["text"]), r["title"]]]
    pairs = [r for r in lines(benchmarks / "judge" / "train.jsonl") if r["origin"] != "SciFact"]
    pool = sorted({s for r in pairs for s in [*sentences(r["source_text"]), clean(r["claim"])]})
    random.Random(1).shuffle(pool)
    return found + pool[:ORDINARY]


def put_aside(shared: Path) -> list[str]:
    """Return the ordinary sentences and titles to measure on."""
    benchmarks = shared / "benchmarks"
    found: list[str] = []
    for record in lines(benchmarks / "scifact" / "corpus.jsonl"):
        found += [*sentences(record["text"]), clean(record["title"])]
    for record in lines(benchmarks / "pubmedqa" / "dev.jsonl"):
        found += [*sentences(record["abstract"]), clean(record["question"])]
    for page in sorted((shared / "seeds").glob("0*.txt")):
        for held in read(page):
            if isinstance(held, Record):
                found += [*sentences(held.abstract), clean(held.title)]
    return found


class Texts:
    """Texts with the words and the vector of each of their parts."""

    def __init__(self, sentences: Sequence[str], embed: Callable[[Sequence[str]], Any]) -> None:
        self.sentences = sentences
        cut = [parts(read_plainly(text)) for text in sentences]
        flat = [part for own in cut for part in own]
        self.owner = np.repeat(np.arange(len(cut)), [len(own) for own in cut])
        held = [slots(part) for part in flat]
        rows = np.repeat(np.arange(len(flat)), [len(h) for h in held])
        values = np.concatenate([np.full(len(h), len(h) ** -0.5) for h in held])
        self.words = scipy.sparse.csr_matrix((values, (rows, np.concatenate(held))), shape=(len(flat), SLOTS))
        self.vectors = embed(flat)

    def scores(self, fitted: Any, doubt: float = -np.inf) -> Any:
        """Return the score of each text, the highest of its parts."""
        said = self.words @ fitted[:SLOTS] + fitted[-1]
        said = np.where(said < doubt, said, said + self.vectors @ fitted[SLOTS:-1])
        worst = np.full(len(self.sentences), -np.inf)
        np.maximum.at(worst, self.owner, said)
        return worst


def fit(attacks: Sequence[Texts], innocent: Sequence[Texts], rest: Texts) -> Any:
    """Fit the weights of words, vectors and the bias, in this order."""
    groups = [*attacks, *innocent, rest]
    held = scipy.sparse.vstack([scipy.sparse.hstack([g.words, g.vectors]) for g in groups]).tocsr()
    wanted = np.concatenate([np.full(len(g.owner), float(g in attacks)) for g in groups])
    weight = np.concatenate([np.full(len(g.owner), 1.0 if g is rest else HEAVIER) for g in groups])

    def loss(b: Any) -> tuple[float, Any]:
        z = held @ b[:-1] + b[-1]
        wrong = weight * (1 / (1 + np.exp(-np.clip(z, -30, 30))) - wanted)
        value = float((weight * (np.logaddexp(0, z) - wanted * z)).sum() + L2 / 2 * (b[:-1] ** 2).sum())
        return value, np.append(held.T @ wrong + L2 * b[:-1], wrong.sum())

    start = np.zeros(held.shape[1] + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x


def embedder(cache: Path | None) -> Callable[[Sequence[str]], Any]:
    """Return what embeds parts, remembering them in a folder."""
    kept = cache / "vectors.npz" if cache else None
    known: dict[str, Any] = {}
    if kept and kept.exists():
        with np.load(kept, allow_pickle=False) as held:
            known = dict(zip(held["texts"].tolist(), held["vectors"].astype(np.float32), strict=True))
    model = MiniLM()

    def embed(wanted: Sequence[str]) -> Any:
        new = [text for text in dict.fromkeys(wanted) if text not in known]
        short = [t if n <= model.max_tokens else t[:100] for t, n in zip(new, model.count_tokens(new), strict=True)]
        known.update(zip(new, model.embed(short), strict=True))
        if kept and len(new) > ORDINARY:
            np.savez(kept, texts=np.array(list(known)), vectors=np.array(list(known.values()), dtype=np.float16))
        return np.array([known[text] for text in wanted], dtype=np.float32)

    return embed


def report(named: Iterable[tuple[str, Texts]], fitted: Any, doubt: float, least: float) -> None:
    """Print how many of each set are taken for an order."""
    for name, held in named:
        taken = held.scores(fitted, doubt) >= least
        print(f"{name}: {int(taken.sum())} of {len(taken)}")


def main() -> None:
    """Fit, measure and, where asked, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    embed = embedder(arguments.cache)

    aside, rest = Texts(put_aside(arguments.shared), embed), Texts(ordinary(arguments.shared), embed)
    named = {name: Texts(texts(HERE / f"{name}.jsonl"), embed) for name in SETS}
    old = Texts(marked(TESTS / "orders.jsonl"), embed)
    looked_like = Texts(texts(TESTS / "innocent.jsonl") + unmarked(TESTS / "orders.jsonl"), embed)
    for seen in (False, True):
        with_old = [old] if seen else [], [looked_like] if seen else []
        fitted = fit([named["attacks"], *with_old[0]], [named["innocent"], *with_old[1]], rest)
        alone = rest.words @ fitted[:SLOTS] + fitted[-1]
        doubt = float(np.quantile(alone, 1 - DOUBTFUL))
        least = float(np.sort(aside.scores(fitted, doubt))[-FALSE_ALARMS - 1] + 1e-6)
        print(f"trained on the sets of tests/write too: {seen}; doubt {doubt:.2f}, least {least:.2f}")
        sets = [*named.items(), ("orders", old), ("looked like orders", looked_like), ("ordinary, put aside", aside)]
        report(sets, fitted, -np.inf, least)
        print("with the doubt:")
        report(sets, fitted, doubt, least)
    print([aside.sentences[i] for i in np.argsort(-aside.scores(fitted, doubt))[:12]])
    if arguments.write:
        scale = np.abs(fitted[:SLOTS]).max() / 127
        np.savez_compressed(
            WEIGHTS,
            words=np.round(fitted[:SLOTS] / scale).astype(np.int8),
            scale=np.float32(scale),
            vector=(fitted[SLOTS:-1]).astype(np.float32),
            cuts=np.array([fitted[-1], doubt, least]),
        )


if __name__ == "__main__":
    main()
