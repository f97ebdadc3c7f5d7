"""The entailment checker, on a tiny model made here: it counts one token and knows three labels."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny_pair_model

from rag.errors import ConfigError
from rag.types import Verdict
from rag.verify.entailment import EntailmentChecker

WORDS = ["[UNK]", "[CLS]", "[SEP]", "yes", "no", "bees", "sleep"]


def save_model(folder, labels):
    """Write a model whose logits are a row of a table, summed over the tokens: "yes" entails, "no" contradicts."""
    table = np.zeros((len(WORDS), 3), dtype=np.float32)
    table[WORDS.index("yes"), labels.index("entailment")] = 4
    table[WORDS.index("no"), labels.index("contradiction")] = 4
    table[WORDS.index("bees"), labels.index("neutral")] = 1
    tiny_pair_model.save(folder, WORDS, table)
    (folder / "config.json").write_text(json.dumps({"id2label": dict(enumerate(labels))}))


@pytest.fixture(params=[["entailment", "neutral", "contradiction"], ["CONTRADICTION", "ENTAILMENT", "NEUTRAL"]])
def checker(tmp_path, request):
    save_model(tmp_path, [label.lower() for label in request.param])
    return EntailmentChecker(tmp_path)


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        (["yes"], Verdict.SUPPORTED),
        (["no"], Verdict.CONTRADICTED),
        (["bees"], Verdict.UNSUPPORTED),
        (["bees sleep. bees sleep. yes."], Verdict.SUPPORTED),
        ([], Verdict.UNSUPPORTED),
    ],
)
def test_labels_become_verdicts_whatever_their_order(checker, evidence, verdict):
    result = checker.check("bees sleep", evidence)
    assert result.verdict is verdict
    assert 0.0 <= result.score <= 1.0


def test_a_text_longer_than_the_model_reads_is_judged_by_its_sentences(checker):
    assert checker.check("bees sleep", ["bees. " * 3000 + "Yes yes yes yes."]).score <= 1.0


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.onnx"])
def test_a_missing_file_is_named(tmp_path, missing):
    save_model(tmp_path, ["entailment", "neutral", "contradiction"])
    (tmp_path / missing).unlink()
    with pytest.raises(ConfigError, match=missing):
        EntailmentChecker(tmp_path)


@pytest.mark.parametrize("config", ["{}", "[]", "not json", '{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}'])
def test_labels_that_say_nothing_are_refused(tmp_path, config):
    save_model(tmp_path, ["entailment", "neutral", "contradiction"])
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(ConfigError, match=r"config\.json"):
        EntailmentChecker(tmp_path)
