"""Tiny ONNX models written by the tests themselves: what they put out are rows of a table, one for each token."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors


def save(folder, words, table, **options):
    """Write a model of text pairs and tokenizer.json: the logits of a pair are the rows of its tokens, summed.

    `words` begins with [UNK], [CLS] and [SEP]; `table` has shape (words, labels). See `save_model` for the options.
    """
    save_model(folder / options.pop("file", "model.onnx"), table, **options)
    save_tokenizer(folder, words)


def save_model(file, table, *, inputs=("input_ids",), shape=("batch", "length"), data=None, states=False):
    """Write the ONNX file: the sum over a text's tokens, or with `states` a row for each token.

    `inputs` are those that the model takes; of these the mask leaves padding out. `shape` fixes sizes by numbers.
    `data` names the file beside it that the weights go into.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = "states" if states else "rows"
    nodes = [helper.make_node("Gather", ["table", "input_ids"], [rows])]
    name, size = "states", [*shape, table.shape[1]]
    if not states:
        if "attention_mask" in inputs:
            nodes += [
                helper.make_node("Cast", ["attention_mask"], ["real"], to=TensorProto.FLOAT),
                helper.make_node("Unsqueeze", ["real", "last"], ["weights"]),
                helper.make_node("Mul", ["rows", "weights"], ["masked"]),
            ]
        summed = "masked" if "attention_mask" in inputs else "rows"
        nodes.append(helper.make_node("ReduceSum", [summed, "axes"], ["logits"], keepdims=0))
        name, size = "logits", [shape[0], table.shape[1]]
    given = [helper.make_tensor_value_info(each, TensorProto.INT64, shape) for each in inputs]
    out = helper.make_tensor_value_info(name, TensorProto.FLOAT, size)
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([1]), "axes"),
        numpy_helper.from_array(np.array([-1]), "last"),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "tiny", given, [out], constants), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 8
    external = {"save_as_external_data": True, "location": data, "size_threshold": 64} if data else {}
    if data:
        (file.parent / data).unlink(missing_ok=True)  # it would be appended to
    onnx.save(model, file, **external)


def save_tokenizer(folder, words):
    """Write tokenizer.json: a word a token."""
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.add_special_tokens(["[CLS]", "[SEP]"])
    tokenizer.save(str(folder / "tokenizer.json"))
