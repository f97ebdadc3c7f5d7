"""Trains the reader's network on examples, in batches of like lengths."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from rag.models.reader_input import PAD, Encoded, encode
from training.examples import Example, Group
from training.network import Network

BATCH = 32
LONGEST = 256  # word pieces of an example
_BODY_RATE, _HEAD_RATE = 1.2e-4, 1e-3
_SORTED = 24 * BATCH  # examples that are sorted by length together
_WARM_UP = 80
_REPORT = 50
_ORDER = 0.5  # weight of the order within a group
# Numbers of sixteen bits: twice as fast where the processor has instructions for them, and many times slower elsewhere.
HALF = torch.backends.cpu.get_cpu_capability().startswith("AVX512")

_Read = tuple[Encoded, Example]
_Item = TypeVar("_Item")


def train(network: Network, groups: Sequence[Group], tokenizer: Any, seed: int, rate: float = 1.0) -> None:
    """Go once through the examples, in order but for the batching; `rate` scales how fast the network learns."""
    network.words.weight.requires_grad = network.positions.weight.requires_grad = False
    heads = network.new_parts
    known = {id(parameter) for parameter in heads}
    body = [p for p in network.parameters() if p.requires_grad and id(p) not in known]
    rates = [_BODY_RATE * rate, _HEAD_RATE * rate]
    learnt = [{"params": body, "lr": rates[0]}, {"params": heads, "lr": rates[1]}]
    optimizer = torch.optim.AdamW(learnt, weight_decay=0.01)
    steps = sum(1 for some in _portions(groups, _SORTED) for _ in _portions(some, BATCH))  # nearly
    losses: list[float] = []
    begun = time.monotonic()
    network.train()
    for step, batch in enumerate(_batches(groups, tokenizer, seed), start=1):
        share = min(1.0, step / _WARM_UP) * max(0.03, 1 - step / max(1, steps))
        for some, full in zip(optimizer.param_groups, rates, strict=True):
            some["lr"] = full * share
        loss = _loss(network, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(body, 1.0)
        optimizer.step()
        losses.append(loss.item())
        if step % _REPORT == 0:
            mean = sum(losses[-_REPORT:]) / _REPORT
            print(f"step {step} of {steps}: loss {mean:.3f}, {time.monotonic() - begun:.0f} s", flush=True)


def padded(batch: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return word pieces, mask and types, each of shape (pairs, tokens), and shares, (pairs, 1 + passages, tokens)."""
    tokens = -(-max(len(one.ids) for one in batch) // 8) * 8
    ids = torch.full((len(batch), tokens), PAD, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    shares = torch.zeros(len(batch), max(len(one.texts) for one in batch), tokens)
    for row, one in enumerate(batch):
        shares[row, : len(one.texts), : len(one.ids)] = torch.from_numpy(one.shares)
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        types[row, : len(one.ids)] = torch.tensor(one.types)
        mask[row, : len(one.ids)] = 1
    return ids, mask, types, shares


def _batches(groups: Sequence[Group], tokenizer: Any, seed: int) -> Iterator[list[list[_Read]]]:
    """Sort portions of the examples by length, so that little is padded, and shuffle the batches again."""
    random = Random(seed)
    for some in _portions(groups, _SORTED):
        read = [[(encode(tokenizer, one.first, one.passages, LONGEST), one) for one in group] for group in some]
        read.sort(key=lambda group: max(len(one.ids) for one, _ in group) + random.random())
        batches = list(_portions(read, BATCH))
        random.shuffle(batches)
        yield from batches


def _portions(groups: Iterable[list[_Item]], size: int) -> Iterator[list[list[_Item]]]:
    """Yield runs of groups that hold about `size` items together."""
    portion: list[list[_Item]] = []
    for group in groups:
        if portion and sum(map(len, portion)) + len(group) > size:
            yield portion
            portion = []
        portion.append(group)
    if portion:
        yield portion


def _loss(network: Network, groups: Sequence[Sequence[_Read]]) -> Tensor:
    """Return how surprised the network is: by verdicts, by their order, and by how well each passage answers."""
    encoded = [one for group in groups for one, _ in group]
    examples = [example for group in groups for _, example in group]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
        verdicts, answers = network(*padded(encoded))
    right = torch.zeros_like(verdicts, dtype=torch.bool)
    for row, example in enumerate(examples):
        right[row, list(example.verdicts)] = True
    asked = right.any(-1)
    loss = verdicts.new_zeros(())
    if asked.any():
        odds = torch.log_softmax(verdicts[asked], -1).masked_fill(~right[asked], float("-inf"))
        loss = loss - torch.logsumexp(odds, -1).sum() / len(examples)
        loss = loss + _ORDER * _disorder(verdicts, right, asked, [len(group) for group in groups])
    places, wanted = _scored(encoded, examples)
    if wanted:
        at = torch.tensor(places).T
        scored = answers[at[0], at[1]]
        each = functional.binary_cross_entropy_with_logits(scored, torch.tensor(wanted), reduction="sum")
        loss = loss + each / (
            2 * len(examples)
        )  # an abstract's sentences together count about three times as much as a verdict
    return loss + _unlike(encoded, examples, answers) / len(examples)


def _disorder(verdicts: Tensor, right: Tensor, asked: Tensor, sizes: Sequence[int]) -> Tensor:
    """Return how far each group's false claims are from scoring below its right ones (Burges et al. 2005).

    What may be supported or not, as a finding that agrees, is neither.
    """
    supported = verdicts[:, 0] - torch.logsumexp(verdicts[:, 1:], -1)
    group = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    true, false = right[:, 0] & (right.sum(-1) == 1), asked & ~right[:, 0]
    pairs = true[:, None] & false[None, :] & (group[:, None] == group[None, :])
    gaps = (supported[:, None] - supported[None, :])[pairs]
    return functional.softplus(-gaps).mean() if len(gaps) else verdicts.new_zeros(())


def _unlike(encoded: Sequence[Encoded], examples: Sequence[Example], answers: Tensor) -> Tensor:
    """Return how far the order of an abstract's sentences is from the teacher's (Hinton et al. 2015), summed.

    Only the differences between sentences are learnt: the teacher's logits say less of whether any of them answers.
    """
    total = answers.new_zeros(())
    for row, (one, example) in enumerate(zip(encoded, examples, strict=True)):
        known = [
            (place, score)
            for place, (text, score) in enumerate(zip(one.texts[1:], example.taught, strict=False))
            if text is not None and score is not None
        ]
        if known:
            places, scores = zip(*known, strict=True)
            wanted = torch.softmax(torch.tensor(scores), 0)
            total = total + functional.kl_div(torch.log_softmax(answers[row, list(places)], 0), wanted, reduction="sum")
    return total


def _scored(encoded: Sequence[Encoded], examples: Sequence[Example]) -> tuple[list[tuple[int, int]], list[float]]:
    places: list[tuple[int, int]] = []
    wanted: list[float] = []
    for row, (one, example) in enumerate(zip(encoded, examples, strict=True)):
        for place, (text, answer) in enumerate(zip(one.texts[1:], example.answers, strict=False)):
            if text is not None and answer is not None:
                places.append((row, place))
                wanted.append(answer)
    return places, wanted
