"""A folder with a tiny embedding model, laid out as sentence-transformers does; its token states are a table."""

from __future__ import annotations

import json

import numpy as np
import tiny_pair_model
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = ["[UNK]", "[CLS]", "[SEP]", "query", ":", "passage", "bees", "sleep", "moth", "##s"]


def rows(seed=0):
    return np.random.default_rng(seed).normal(size=(len(WORDS), 6)).astype(np.float32)


def publish(folder, *, pooling="mean_tokens", files=None, table=None, whole=False, **options):
    """Write a folder as sentence-transformers has it; `files` adds or replaces JSON files."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / options.pop("file", "onnx/model.onnx")
    tiny_pair_model.save_model(model, rows() if table is None else table, states=not whole, **options)
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.enable_truncation(8)
    tokenizer.save(str(folder / "tokenizer.json"))
    modules = [{"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
    contents = {
        "config.json": {"hidden_size": 6, "max_position_embeddings": 512},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer"},
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": 512},
    }
    if pooling:
        modes = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "lasttoken")
        contents["1_Pooling/config.json"] = {f"pooling_mode_{mode}": mode == pooling for mode in modes}
    for name, content in (contents | (files or {})).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    return folder
