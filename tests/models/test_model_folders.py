"""Model folders as the world publishes them: what is read of each layout, and what is said where nothing can work."""

from __future__ import annotations

import json
import platform

import numpy as np
import pytest
import tiny_pair_model

from rag.errors import ConfigError
from rag.models.cross_encoder import CrossEncoder
from rag.models.model_folder import open_folder
from rag.models.pairs import PairModel
from rag.types import Verdict
from rag.verify.entailment import EntailmentChecker

WORDS = ["[UNK]", "[CLS]", "[SEP]", "yes", "no", "bees", "sleep", "[PAD]"]
THREE = ["entailment", "neutral", "contradiction"]
ALL_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")


def table(labels=THREE, *, sign=1):
    """Rows for `WORDS`: "yes" counts for the first kind of label, "no" against it."""
    names = [label.lower() for label in labels]
    rows = np.zeros((len(WORDS), len(labels)), dtype=np.float32)
    yes = next(i for i, name in enumerate(names) if name in ("entailment", "1", "supported"))
    no = next(i for i, name in enumerate(names) if i != yes and name != "neutral")
    rows[WORDS.index("yes"), yes], rows[WORDS.index("no"), no] = 4 * sign, 4 * sign
    rows[WORDS.index("[PAD]")] = np.arange(len(labels)) * 50  # padding that is read is seen
    return rows


def publish(folder, labels=THREE, **options):
    """Write a folder as a hub has it."""
    folder.mkdir(parents=True, exist_ok=True)
    tiny_pair_model.save(folder, WORDS, options.pop("rows", table(labels)), **options)
    config = {"id2label": dict(enumerate(labels)), "pad_token_id": WORDS.index("[PAD]")}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    "labels",
    [
        ["contradiction", "entailment", "neutral"],
        ["entailment", "neutral", "contradiction"],
        ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"],
        ["entailment", "not_entailment"],
        ["Not Entailment", "Entailment"],
        ["0", "1"],
        ["supported", "unsupported"],
    ],
    ids="-".join,
)
def test_labels_are_read_in_any_order_and_case(tmp_path, labels):
    checker = EntailmentChecker(publish(tmp_path, labels))
    assert checker.check("bees", ["yes"]).verdict is Verdict.SUPPORTED
    denied = Verdict.CONTRADICTED if len(labels) == 3 else Verdict.UNSUPPORTED
    assert checker.check("bees", ["no"]).verdict is denied


def test_labels_that_say_nothing_can_be_named(tmp_path):
    folder = publish(tmp_path / "old")
    (folder / "config.json").write_text(json.dumps({"id2label": {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}}))
    with pytest.raises(ConfigError, match=r"label_0, .*pincite\.json"):
        EntailmentChecker(folder)
    (folder / "pincite.json").write_text(json.dumps({"labels": THREE}))
    assert EntailmentChecker(folder).check("bees", ["no"]).verdict is Verdict.CONTRADICTED


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"file": "onnx/model.onnx"},
        {"file": "onnx/model_quantized.onnx"},
        {"file": "onnx/model_O3.onnx"},
        {"data": "model.onnx_data"},
        {"inputs": ("input_ids", "attention_mask")},
        {"inputs": ALL_INPUTS},
        {"inputs": ALL_INPUTS, "shape": ("batch", 40)},
        {"inputs": ALL_INPUTS, "shape": (1, 40)},
        {"inputs": ("input_ids",), "shape": (2, "length")},
    ],
    ids=str,
)
def test_every_published_layout_judges_alike(tmp_path, options):
    encoder = CrossEncoder(publish(tmp_path, ["0", "1"], **options))
    passages = ["yes", "bees sleep " * 4 + "no", "", "yes yes", "bees " * 500 + "yes"]
    scores = encoder.score("bees", passages)
    cut = encoder.score("bees", passages[4:])
    assert scores[:4] == pytest.approx(1 / (1 + np.exp([-4.0, 4.0, 0.0, -8.0])), abs=1e-6)
    assert scores[4] == cut[0]


@pytest.mark.parametrize("where", ["", "onnx"])
def test_the_plain_file_is_chosen_among_variants_and_another_can_be_named(tmp_path, where):
    folder = publish(tmp_path, file=f"{where}/model.onnx" if where else "model.onnx")
    for name in ("model_O1.onnx", "model_O4.onnx", "model_fp16.onnx", "model_quantized.onnx", "model_quint8_avx2.onnx"):
        tiny_pair_model.save_model(tmp_path / where / name, table())
    assert open_folder(folder, "a model").weights.name == "model.onnx"
    (tmp_path / where / "model.onnx").unlink()
    assert open_folder(folder, "a model").weights.name == "model_O1.onnx"
    named = open_folder(tmp_path / where / "model_fp16.onnx", "a model")
    assert (named.weights.name, named.root) == ("model_fp16.onnx", tmp_path)


@pytest.mark.parametrize(("machine", "name"), [("x86_64", "quint8_avx2"), ("aarch64", "qint8_arm64")])
def test_int8_weights_made_for_another_processor_are_not_chosen(tmp_path, monkeypatch, machine, name):
    for variant in ("quint8_avx2", "qint8_arm64"):
        publish(tmp_path, file=f"onnx/model_{variant}.onnx")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert open_folder(tmp_path, "a model").weights.name == f"model_{name}.onnx"
    (tmp_path / "onnx/model_quint8_avx2.onnx").unlink()
    if machine == "x86_64":
        with pytest.raises(ConfigError, match="name the file itself"):
            open_folder(tmp_path, "a model")


def test_another_model_has_another_name_wherever_its_weights_lie(tmp_path):
    def name(**options):
        return PairModel(publish(tmp_path / "model", **options), "a model").name

    for data in (None, "model.onnx_data"):
        first = name(data=data)
        assert first.startswith("model:")
        assert name(data=data) == first
        assert name(data=data, rows=table(sign=-1)) != first


@pytest.mark.parametrize(
    ("config", "tokenizer_config", "most"),
    [
        ({}, {}, 512),
        ({"max_position_embeddings": 128}, {"model_max_length": int(1e30)}, 128),
        ({"max_position_embeddings": 8192}, {"model_max_length": 1024}, 1024),
        ({"max_position_embeddings": 514, "model_type": "xlm-roberta", "pad_token_id": 1}, {}, 512),
        ({"max_position_embeddings": 512, "position_biased_input": False}, {"model_max_length": 2048}, 2048),
    ],
)
def test_the_longest_text_is_read_from_the_config(tmp_path, config, tokenizer_config, most):
    folder = publish(tmp_path, ["0", "1"])
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
    assert CrossEncoder(folder).score("bees", ["yes " + "bees " * 9000]) > 0.9
    assert open_folder(folder, "a model").max_tokens == most


def lose(name):
    return lambda folder: (folder / name).unlink()


def write(name, content):
    return lambda folder: (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("options", "change", "message"),
    [
        ({}, lose("tokenizer.json"), r"tokenizer\.json is missing: .*save_pretrained"),
        ({}, lose("model.onnx"), r"model\.onnx is missing"),
        ({"data": "model.onnx_data"}, lose("model.onnx_data"), r"model\.onnx_data is missing"),
        ({"file": "onnx/model_fp16.onnx"}, None, r"none of the names .* name the file itself"),
        ({"file": "model.safetensors"}, None, r"for PyTorch: export it"),
        ({"file": "encoder_model.onnx"}, None, r"an encoder and a decoder"),
        ({}, write("model.onnx", b"version https://git-lfs.github.com/spec/v1\n"), r"git lfs pull"),
        ({}, write("model.onnx", b"<html>not found</html>"), r"model\.onnx isn't an ONNX file"),
        ({}, write("tokenizer.json", b"{}"), r"tokenizer\.json can't be read"),
        ({}, write("config.json", b"[]"), r"config\.json isn't a JSON object"),
        ({}, write("config.json", b'{"id2label": {"0": "entailment"}}'), r"don't say what follows"),
        ({"inputs": ("input_ids", "pixel_values")}, None, r"takes pixel_values"),
        ({"inputs": ("inputs",)}, None, r"can't be loaded|takes inputs"),
        ({"rows": table(["0", "1"])}, None, r"gives values of shape \(2,\) for a pair, its config names 3"),
        ({"states": True}, None, r"gives values of shape \(\d+, 3\) for a pair"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(tmp_path, options, change, message):
    folder = publish(tmp_path, **options)
    if change:
        change(folder)
    with pytest.raises(ConfigError, match=message) as refused:
        EntailmentChecker(folder).check("bees", ["yes"])
    assert "\n" not in str(refused.value)


def test_weights_outside_of_the_folder_are_refused(tmp_path):
    folder = publish(tmp_path / "model", data="x" * 9)
    file = folder / "model.onnx"
    file.write_bytes(file.read_bytes().replace(b"x" * 9, b"../secret"))
    (tmp_path / "secret").write_bytes(b"0" * 1000)
    with pytest.raises(ConfigError, match="outside its folder"):
        EntailmentChecker(folder)


class Feeds:
    """A session that keeps the token ids and positions of each run."""

    def __init__(self, checker):
        model = checker._model._model
        self.session = model._session
        self.ids, self.positions = [], []
        model.__dict__["_session"] = self

    def run(self, names, feed):
        self.ids.append(feed["input_ids"])
        self.positions.append(feed.get("position_ids"))
        return self.session.run(names, feed)

    def get_inputs(self):
        return self.session.get_inputs()


def test_evidence_that_fits_is_read_in_one_run_and_longer_in_few_full_windows(tmp_path):
    checker = EntailmentChecker(publish(tmp_path, inputs=("input_ids", "attention_mask")))
    feeds = Feeds(checker)
    abstract = "Bees sleep in hives. " * 40 + "yes yes yes."
    assert checker.check("bees sleep", [abstract]).verdict is Verdict.SUPPORTED
    assert [feed.shape[0] for feed in feeds.ids] == [1]
    feeds.ids.clear()
    sentences = " ".join(f"Bees sleep in hive {number} of the town." for number in range(400))
    checker.check("bees sleep", [sentences])
    windows = sum(feed.shape[0] for feed in feeds.ids)
    assert len(feeds.ids) < windows <= 400 * 10 / 512 + 3


def test_minicheck_reads_one_text_with_one_separator(tmp_path):
    checker = EntailmentChecker(publish(tmp_path, ["0", "1"], inputs=ALL_INPUTS))
    feeds = Feeds(checker)
    checker.check("bees sleep", ["yes no"])
    ids = [WORDS.index(word) for word in ("[CLS]", "yes", "no", "[SEP]", "bees", "sleep", "[SEP]")]
    assert feeds.ids[0].tolist() == [ids]


@pytest.mark.parametrize(("kind", "first"), [("roberta", 2), ("bert", 0)])
def test_positions_begin_where_the_model_counts_from(tmp_path, kind, first):
    publish(tmp_path, inputs=ALL_INPUTS)
    config = {"model_type": kind, "pad_token_id": 1, "id2label": dict(enumerate(THREE))}
    (tmp_path / "config.json").write_text(json.dumps(config))
    checker = EntailmentChecker(tmp_path)
    feeds = Feeds(checker)
    checker.check("bees", ["yes"])
    assert feeds.positions[0].tolist() == [list(range(first, first + 5))]


def test_an_abstract_forges_no_separator(tmp_path):
    checker = EntailmentChecker(publish(tmp_path))
    feeds = Feeds(checker)
    checker.check("bees", ["yes [SEP] no"])
    assert (feeds.ids[0] == WORDS.index("[SEP]")).sum() == 2


def test_the_first_texts_do_not_depend_on_the_longest(tmp_path):
    model = PairModel(publish(tmp_path, inputs=ALL_INPUTS), "a model")
    pairs = [("yes", "bees"), ("bees " * 300, "no"), ("no yes", "bees")]
    together = model.logits(pairs)
    assert np.allclose(together, np.concatenate([model.logits([pair]) for pair in pairs]))
    assert model.logits([], 3).shape == (0, 3)
