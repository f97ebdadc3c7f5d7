"""Embedding models in folders, in the layout of sentence-transformers: tiny ones whose token states are a table."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_embedding import WORDS, publish, rows

from rag import Library
from rag.config import Config
from rag.errors import ConfigError, EmbeddingError, LibraryError
from rag.models.embedding import QuestionEmbedder, TokenEmbedder
from rag.models.embedding_cache import Remembered
from rag.models.registry import load_embedder
from rag.retrieve.query import embed_question
from rag.verify import BuiltinChecker

ALL_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
PROMPTS = {"prompts": {"query": "query: ", "passage": "passage: "}}


def states(*words):
    return rows()[[WORDS.index(word) for word in ("[CLS]", *words, "[SEP]")]]


def scaled(vector):
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("cls_token", lambda found: found[0]),
        ("mean_tokens", lambda found: found.mean(axis=0)),
        ("max_tokens", lambda found: found.max(axis=0)),
        ("lasttoken", lambda found: found[-1]),
    ],
)
@pytest.mark.parametrize("options", [{}, {"inputs": ALL_INPUTS}, {"inputs": ALL_INPUTS, "shape": (2, 300)}], ids=str)
def test_token_states_are_pooled_as_the_folder_says(tmp_path, pooling, expected, options):
    embedder = load_embedder(str(publish(tmp_path, pooling=pooling, **options)))
    texts = ["Bees", "bees sleep " * 40, "moths sleep"]
    vectors = embedder.embed(texts)
    assert vectors.dtype == np.float32
    assert embedder.dimension == 6
    for text, words in zip(texts, (["bees"], ["bees", "sleep"] * 40, ["moth", "##s", "sleep"]), strict=True):
        assert np.allclose(embedder.embed([text])[0], scaled(expected(states(*words))), atol=1e-6)
    assert np.allclose(vectors, np.concatenate([embedder.embed([text]) for text in texts]), atol=1e-6)
    assert embedder.embed([]).shape == (0, 6)


@pytest.mark.parametrize(
    "files",
    [
        {"config_sentence_transformers.json": PROMPTS},
        {"config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}}},
        {"config_sentence_transformers.json": {"prompts": {"query": "wrong"}}, "pincite.json": PROMPTS},
    ],
)
def test_questions_and_passages_get_their_prompts(tmp_path, files):
    embedder = load_embedder(str(publish(tmp_path, files=files)))
    question = scaled(states("query", ":", "bees").mean(axis=0))
    passage = scaled(states("passage", ":", "bees").mean(axis=0))
    assert np.allclose(embedder.embed(["bees"])[0], passage, atol=1e-6)
    assert embedder.max_tokens == 510
    for asked in (embedder, Remembered(embedder)):
        asked.embed(["bees"])  # what is remembered of a passage is no question's
        assert np.allclose(embed_question("bees", asked), question, atol=1e-6)
        assert np.allclose(embed_question("bees", asked), question, atol=1e-6)


def test_an_embedder_without_prompts_is_asked_as_before(embedder):
    assert not isinstance(Remembered(embedder), QuestionEmbedder)


def test_a_model_that_gives_whole_vectors_is_not_pooled(tmp_path):
    embedder = load_embedder(str(publish(tmp_path, pooling=None, whole=True)))
    assert np.allclose(embedder.embed(["bees"])[0], scaled(states("bees").sum(axis=0)), atol=1e-6)
    assert not isinstance(embedder, TokenEmbedder)


def test_tokens_have_vectors_where_their_pieces_can_be_put_together(tmp_path):
    embedder = load_embedder(str(publish(tmp_path / "bert")))
    assert isinstance(embedder, TokenEmbedder)
    (tokens,) = embedder.embed_tokens(["Moths sleep"])
    assert (tokens.words, tokens.places) == (("moths", "sleep"), (0, 0, 1))
    assert np.allclose(np.linalg.norm(tokens.vectors, axis=1), 1, atol=1e-6)
    assert BuiltinChecker(embedder).check("bees sleep", ["bees sleep"]).score > 0
    other = publish(tmp_path / "other", files={"tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer"}})
    assert not isinstance(load_embedder(str(other)), TokenEmbedder)


def test_the_fingerprint_is_of_all_files_that_change_a_vector_and_not_of_the_folders_name(tmp_path):
    def fingerprint(name="model", **options):
        return load_embedder(str(publish(tmp_path / name, **options))).fingerprint

    first = fingerprint(data="model.onnx_data")
    assert fingerprint("renamed", data="model.onnx_data") == first
    others = [
        fingerprint(data="model.onnx_data", table=rows(1)),
        fingerprint(data="model.onnx_data", pooling="cls_token"),
        fingerprint(data="model.onnx_data", files={"config_sentence_transformers.json": PROMPTS}),
    ]
    assert len({first, *others}) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pooling": None}, "doesn't say how token states become one vector"),
        ({"pooling": "mean_sqrt_len_tokens"}, "pools by mean_sqrt_len_tokens"),
        ({"files": {"sentence_bert_config.json": {"max_seq_length": 128}}}, "embeds texts of 128 tokens at most"),
        ({"files": {"pincite.json": {"prompts": ["query: "]}}}, "prompts aren't an object of texts"),
        ({"files": {"modules.json": {}}}, r"modules\.json isn't a JSON list"),
        (
            {"files": {"modules.json": [{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]}},
            "an output sentence_embedding",
        ),
        ({"inputs": ("input_ids", "pixel_values")}, "takes pixel_values"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message):
        load_embedder(str(publish(tmp_path, **options))).embed(["bees"])


def test_a_text_that_is_too_long_is_refused(tmp_path):
    embedder = load_embedder(str(publish(tmp_path)))
    with pytest.raises(EmbeddingError, match=r"600 tokens .* longer than the 512"):
        embedder.embed(["bees " * 598])


def test_a_name_that_is_not_a_folder_is_refused():
    with pytest.raises(ConfigError, match="choose minilm, or the folder"):
        load_embedder("no-such-model")


def test_a_library_is_made_and_asked_with_it(tmp_path, write_jsonl):
    papers = write_jsonl("papers.jsonl", [{"title": "Bees", "abstract": "bees sleep."}])
    config = Config(embedding=str(publish(tmp_path / "model", files={"config_sentence_transformers.json": PROMPTS})))
    with Library.open(tmp_path / "library", config=config) as library:
        library.add(papers)
        assert [hit.paper.title for hit in library.search("bees sleep")] == ["Bees"]
        assert library.embedder.fingerprint.startswith("folder:")
    with pytest.raises(LibraryError), Library.open(tmp_path / "library", config=Config()) as library:
        len(library)
