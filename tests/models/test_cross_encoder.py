"""The cross-encoder, on a tiny model made here: a pair is worth its bees."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_pair_model

from rag import Library, answer
from rag.config import Config
from rag.errors import ConfigError
from rag.models.cross_encoder import CrossEncoder

WORDS = ["[UNK]", "[CLS]", "[SEP]", "bees", "bee", "sleep"]
PAPERS = [
    {"title": "Sleep of barn cats", "abstract": "Cats sleep eleven hours. We filmed their sleep in a barn."},
    {"title": "Sleep of barn owls", "abstract": "Owls sleep by day. Their sleep was filmed in a barn as well."},
    {"title": "Sleep of bees", "abstract": "bees rest at night. Some bees hold each other by the legs."},
]


def save(folder, labels=1):
    table = np.zeros((len(WORDS), labels), dtype=np.float32)
    table[WORDS.index("bees"), -1] = 1
    tiny_pair_model.save(folder, WORDS, table)
    return folder


@pytest.fixture
def papers(write_jsonl):
    return write_jsonl("papers.jsonl", PAPERS)


@pytest.mark.parametrize("labels", [1, 2])
def test_a_passage_scores_by_what_the_model_says_of_it_with_the_question(tmp_path, labels):
    encoder = CrossEncoder(save(tmp_path, labels))
    once, twice = 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-2))
    assert encoder.score("sleep", ["sleep", "bees bees"]) == pytest.approx([0.5, twice])
    assert encoder.score("bees", ["sleep", "bees"]) == pytest.approx([once, twice])  # the question is read as well
    assert encoder.score("sleep", []).shape == (0,)


def test_a_passage_longer_than_the_model_reads_is_cut(tmp_path):
    assert CrossEncoder(save(tmp_path)).score("sleep", ["bees " * 5000]) == pytest.approx([1.0])


def test_the_papers_that_lead_are_put_in_its_order(tmp_path, papers, embedder):
    question = "How do animals sleep in a barn?"
    with Library.open(tmp_path / "library", embedder=embedder) as plain:
        plain.add(papers)
        assert plain.search(question)[0].paper.title != "Sleep of bees"
    config = Config(reranker=str(save(tmp_path)))
    with Library.open(tmp_path / "library", embedder=embedder, config=config) as library:
        hits = library.search(question)
        assert [hit.paper.title for hit in hits[:1]] == ["Sleep of bees"]
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert [hit.paper_id for hit in library.search(question, k=1)] == [hits[0].paper_id]
        # An answer reads what the search found.
        receipt = answer("How do bees rest at night?", library).receipt
        assert receipt.retrieved[0][0] == hits[0].paper_id


def test_a_receipt_names_the_model_that_put_the_papers_in_order(tmp_path, papers, embedder):
    def named(config):
        with Library.open(tmp_path / "library", embedder=embedder, config=config) as library:
            library.add(papers)
            return answer("How do bees rest at night?", library).receipt.reranker

    folder = tmp_path / "bee-ranker"
    folder.mkdir()
    first = named(Config(reranker=str(save(folder))))
    assert first.startswith("bee-ranker:")
    assert str(tmp_path) not in first
    assert named(Config()) is None
    # Another model under the same name is another one.
    save(folder, labels=2)
    assert named(Config(reranker=str(folder))) not in (None, first)


@pytest.mark.parametrize("missing", ["tokenizer.json", "model.onnx"])
def test_a_missing_file_is_named_when_the_library_is_opened(tmp_path, missing):
    (save(tmp_path) / missing).unlink()
    with pytest.raises(ConfigError, match=missing):
        Library.open(tmp_path / "library", config=Config(reranker=str(tmp_path)))


def test_a_model_for_something_else_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="3 scores"):
        CrossEncoder(save(tmp_path, labels=3)).score("sleep", ["bees"])
