"""The reader's network: the encoder of all-MiniLM-L6-v2 (Wang et al. 2020, Apache-2.0) with two heads.

One says of a claim and its passages: supported, unsettled or contradicted. The other says of each passage how well it
answers the question: from the mean of its tokens, its product with that of the question's, as in the embedding model
that the encoder comes from, and the first token, which has read them all.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

WIDTH, HEADS, LAYERS, INNER, VOCABULARY, POSITIONS, TYPES = 384, 12, 6, 1536, 30522, 512, 6
_LIKENESS = 0.05  # what the product of two means weighs to begin with
VERDICTS = ("supported", "unsettled", "contradicted")


class Layer(nn.Module):
    """One layer of a BERT encoder, normalised after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.mixed = nn.Linear(WIDTH, WIDTH)
        self.after_attention = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.after_feed_forward = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(0.1)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """Return the states of the next layer, shape (pairs, tokens, WIDTH); `bias` is -10,000 on padding."""
        pairs, tokens, _ = states.shape
        split = self.query_key_value(states).view(pairs, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = split.unbind(0)
        attention = torch.softmax(query * (WIDTH // HEADS) ** -0.5 @ key.transpose(-1, -2) + bias, -1)
        mixed = (attention @ value).transpose(1, 2).reshape(pairs, tokens, WIDTH)
        states = self.after_attention(states + self.dropout(self.mixed(mixed)))
        fed: Tensor = self.after_feed_forward(states + self.dropout(self.down(functional.gelu(self.up(states)))))
        return fed


class Network(nn.Module):
    """The encoder and its heads."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(TYPES, WIDTH)
        self.embedded = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.verdict = nn.Linear(2 * WIDTH, len(VERDICTS))
        self.answer = nn.Linear(3 * WIDTH, 1)
        for head in (self.verdict, self.answer):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        nn.init.constant_(self.answer.weight[:, WIDTH : 2 * WIDTH], _LIKENESS)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
        """Return the verdict's logits, shape (pairs, 3), and each passage's as an answer, (pairs, passages).

        `shares`, shape (pairs, 1 + passages, tokens), is what each token adds to the mean over each text.
        """
        positions = self.positions.weight[: ids.shape[1]]
        states = self.embedded(self.words(ids) + positions + self.types(types))
        if torch.is_autocast_enabled("cpu"):
            states = states.to(torch.bfloat16)
        weight = mask[:, :, None].to(states.dtype)
        bias = (1 - mask)[:, None, None, :].to(states.dtype) * -1e4
        for layer in self.layers:
            states = layer(states, bias)
        pooled = torch.cat([states[:, 0], (states * weight).sum(1) / weight.sum(1)], -1)
        means = shares.to(states.dtype) @ states
        first, passages = means[:, :1], means[:, 1:]
        read = [passages, passages * first, states[:, :1].expand_as(passages)]
        return self.verdict(pooled).float(), self.answer(torch.cat(read, -1)).squeeze(-1).float()

    @property
    def new_parts(self) -> list[nn.Parameter]:
        """What the embedding model didn't have, and may learn faster."""
        return [*self.verdict.parameters(), *self.answer.parameters(), *self.types.parameters()]


def from_minilm(weights: Path) -> Network:
    """Return a network with the encoder of all-MiniLM-L6-v2 in full precision, and heads that know nothing yet."""
    network = Network()
    stored = {name.removeprefix("bert."): tensor.float() for name, tensor in load_file(weights).items()}
    embedding = {"words": "word", "positions": "position"}
    for ours, theirs in embedding.items():
        getattr(network, ours).weight.data = stored[f"embeddings.{theirs}_embeddings.weight"]
    first, second = stored["embeddings.token_type_embeddings.weight"]
    # The types of one text begin alike; a little noise sets them apart.
    network.types.weight.data = torch.stack([first] * 3 + [second] * 3) + torch.randn(TYPES, WIDTH) * 0.02
    for kind in ("weight", "bias"):
        getattr(network.embedded, kind).data = stored[f"embeddings.LayerNorm.{kind}"]
        for number, layer in enumerate(network.layers):
            of = f"encoder.layer.{number}."
            parts = [stored[f"{of}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            getattr(layer.query_key_value, kind).data = torch.cat(parts)
            getattr(layer.mixed, kind).data = stored[f"{of}attention.output.dense.{kind}"]
            getattr(layer.after_attention, kind).data = stored[f"{of}attention.output.LayerNorm.{kind}"]
            getattr(layer.up, kind).data = stored[f"{of}intermediate.dense.{kind}"]
            getattr(layer.down, kind).data = stored[f"{of}output.dense.{kind}"]
            getattr(layer.after_feed_forward, kind).data = stored[f"{of}output.LayerNorm.{kind}"]
    return network
