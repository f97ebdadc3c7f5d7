"""Exports a network for onnxruntime, its weights in eight bits: `python -m training.export NETWORK.pt OUT.onnx`.

Needs onnx, onnxscript and onnxruntime besides what training needs.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.build import load
from training.network import Network

INPUTS, OUTPUTS = ["input_ids", "attention_mask", "token_type_ids", "shares"], ["verdicts", "answers"]


class _Odds(nn.Module):
    """The network with its logits made probabilities, as the file gives them."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
        verdicts, answers = self.network(ids, mask, types, shares)
        return torch.softmax(verdicts, -1), torch.sigmoid(answers)


def export(network: Network, out: Path) -> None:
    """Write the network to a file of about 23 MB.

    Weights take seven of the eight bits: with all eight, processors without VNNI overflow and give other verdicts.
    Unsigned weights wouldn't, but take half as long again.
    """
    example = (*(torch.ones(2, 16, dtype=torch.long) for _ in INPUTS[:3]), torch.ones(2, 3, 16) / 16)
    axes = {name: {0: "pairs", 1: "tokens"} for name in INPUTS[:3]}
    axes |= {
        "shares": {0: "pairs", 1: "texts", 2: "tokens"},
        "verdicts": {0: "pairs"},
        "answers": {0: "pairs", 1: "texts"},
    }
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        torch.onnx.export(
            _Odds(network).eval(), example, str(full), input_names=INPUTS, output_names=OUTPUTS, dynamic_axes=axes,
            opset_version=17, dynamo=False,
        )  # fmt: skip
        quantize_dynamic(full, out, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Export a network."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("network", type=Path)
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args(arguments)
    export(load(chosen.network), chosen.out)
    print(f"{chosen.out}: {chosen.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
