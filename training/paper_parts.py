"""Fits what recognises a question for a part of a paper: `python -m training.paper_parts`.

`training/parts/phrasings.json` has wordings by the part that they ask for, with `{X}` for a description of a paper;
those of `none` ask for something in it (`{n}`, `{s}`). The descriptions are drawn from titles. Other questions are
those written for the reader. Writes `rag/question/part_weights.json`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from rag.question.paper_part import NOUNS, PARTS, WEIGHTS, features, forms
from rag.text.words import STOPWORDS
from rag.verify import default_embedder
from training.split import training_files
from training.written import Abstract, read_abstracts, read_questions

SEED = 3
PHRASINGS = Path(__file__).parent / "parts" / "phrasings.json"
_COPIES, _COPIES_OF_NONE, _OTHERS = 12, 16, 5_000
_SEEN = 3  # phrasings that a form has to be in
_RIDGE, _STEPS, _RATE = 1e-4, 600, 0.05


def described(abstract: Abstract, random: Random) -> tuple[str, str]:
    """Return a description of a paper by words of its title, and these words alone."""
    words = re.findall(r"[\w'’-]+", abstract.title)
    count = random.choice((1, 2, 3, 4, 6))
    start = random.randrange(max(1, len(words) - count + 1))
    some = words[start : start + count]
    while some and some[0].lower() in STOPWORDS:
        some = some[1:]
    while some and some[-1].lower() in STOPWORDS:
        some = some[:-1]
    if not some:
        return "this paper", "this"
    about = " ".join(some) if random.random() < 0.4 else " ".join(some).lower()
    noun = random.choice(NOUNS)
    ways = [f"the {about} {noun}"] * 9 + [f"the {noun} {link} {about}" for link in ("on", "of", "about")] * 2
    ways += [f"the authors' work on {about}", f"the {noun} that deals with {about}", "this paper", "the article"]
    return random.choice(ways), about


def questions(shared: Path, random: Random) -> list[tuple[str, int]]:
    """Return questions with the number of the part that they ask for, the last where they ask for none."""
    abstracts = list(read_abstracts(shared).values())
    made: list[tuple[str, int]] = []
    for name, phrasings in json.loads(PHRASINGS.read_text(encoding="utf-8")).items():
        number = next((at for at, part in enumerate(PARTS) if part.value == name), len(PARTS))
        copies = _COPIES if number < len(PARTS) else _COPIES_OF_NONE
        made += [(_filled(text, random.choice(abstracts), random), number) for text in phrasings for _ in range(copies)]
    others = [question.text for file in training_files("questions") for question in read_questions(file)]
    return [*made, *((text, len(PARTS)) for text in random.sample(others, _OTHERS))]


def _filled(phrasing: str, abstract: Abstract, random: Random) -> str:
    paper, subject = described(abstract, random)
    thing = random.choice(re.findall(r"[A-Za-z][\w-]{3,}", " ".join(abstract.sentences)) or ["it"])
    return phrasing.replace("{X}", paper).replace("{n}", thing).replace("{s}", subject)


def known_forms() -> list[str]:
    """Return the words and pairs of words that several phrasings have, apart from their slots."""
    phrasings = [text for some in json.loads(PHRASINGS.read_text(encoding="utf-8")).values() for text in some]
    seen = Counter(form for text in phrasings for form in forms(re.sub(r"\{\w\}", " ", text)))
    return sorted(form for form, count in seen.items() if count >= _SEEN)


def fit(table: NDArray[np.float64], parts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights and biases of a multinomial logistic regression, by Adam with a decaying rate."""
    classes = len(PARTS) + 1
    weights, bias = np.zeros((table.shape[1], classes)), np.zeros(classes)
    wanted = np.eye(classes)[parts]
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        logits = table @ weights + bias
        odds = np.exp(logits - logits.max(1, keepdims=True))
        wrong = (odds / odds.sum(1, keepdims=True) - wanted) / len(parts)
        slope = table.T @ wrong + _RIDGE * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        weights -= _RATE * min(1, 10 / step**0.5) * mean / (np.sqrt(square) + 1e-6)
        bias -= 0.5 * wrong.sum(0)
    return weights, bias


def main(shared: Path = Path("../shared")) -> None:
    """Fit the weights and write them."""
    asked = questions(shared, Random(SEED))
    known = known_forms()
    texts: Sequence[str] = [text for text, _ in asked]
    table = features(texts, known, default_embedder().embed(texts))
    weights, bias = fit(table.astype(np.float64), np.array([part for _, part in asked]))
    rounded = {"forms": known, "bias": bias.round(3).tolist(), "weights": weights.round(3).tolist()}
    WEIGHTS.write_text(json.dumps(rounded, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{WEIGHTS}: {len(asked)} questions, {len(known)} forms")


if __name__ == "__main__":
    main()
