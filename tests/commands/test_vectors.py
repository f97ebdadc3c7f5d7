"""`texts` and `add --vectors`: an embedding job elsewhere, with the real embedding in its place."""

import json

import numpy as np
import pytest

import rag.models.registry
from rag import Library
from rag.__main__ import main
from rag.models import precomputed

CROPS = ["barley", "oats", "rye", "millet", "sorghum", "lentils", "flax", "hops", "beets", "clover"]


@pytest.fixture
def records(write_jsonl):
    texts = [f"We watered {crop} in a dry spring. The plots gave {n}% more grain." for n, crop in enumerate(CROPS)]
    return write_jsonl("papers.jsonl", [{"title": f"Of {c}", "abstract": t} for c, t in zip(CROPS, texts, strict=True)])


@pytest.fixture(autouse=True)
def local(embedder, monkeypatch):
    """The embedder of this machine, counting: a job done elsewhere must not be repeated here."""

    class Counting:
        fingerprint, dimension, max_tokens = embedder.fingerprint, embedder.dimension, embedder.max_tokens
        count_tokens = staticmethod(embedder.count_tokens)
        embedded = 0

        def embed(self, texts):
            self.embedded += len(texts)
            return embedder.embed(texts)

    counting = Counting()
    monkeypatch.setattr(rag.models.registry, "load_embedder", lambda name: counting)
    return counting


def job(embedder, texts, vectors):
    """Embed what `pincite texts` wrote."""
    lines = [json.loads(line) for line in texts.read_text(encoding="utf-8").splitlines()]
    np.save(vectors, embedder.embed([line["text"] for line in lines]))
    vectors.with_suffix(".keys").write_text("\n".join(line["key"] for line in lines))
    return lines


def windows(folder, embedder):
    with Library.open(folder, embedder=embedder) as library:
        return [
            (paper, spans, list(wins), vectors)
            for paper, _, spans, wins, vectors in library._home.catalog().cut_texts()
        ]


def test_vectors_made_elsewhere_make_the_same_library(records, tmp_path, embedder, local, capsys, monkeypatch):
    monkeypatch.setattr(precomputed, "FIRST", 3)
    given_, own = tmp_path / "given", tmp_path / "own"
    assert main(["texts", str(records), "-o", str(tmp_path / "texts.jsonl"), "--library", str(given_)]) == 0
    assert "10 texts to embed with all-MiniLM-L6-v2" in capsys.readouterr().err
    assert not given_.exists()
    assert local.embedded == 0
    job(embedder, tmp_path / "texts.jsonl", tmp_path / "v.npy")
    assert main(["add", str(records), "--vectors", str(tmp_path / "v.npy"), "--library", str(given_)]) == 0
    assert 3 <= local.embedded < 6
    assert main(["add", str(records), "--library", str(own)]) == 0
    for (*mine, vectors), (*theirs, expected) in zip(windows(given_, embedder), windows(own, embedder), strict=True):
        assert mine == theirs
        assert np.allclose(vectors, expected, atol=1e-5)
    assert main(["texts", str(records), "-o", str(tmp_path / "more.jsonl"), "--library", str(given_)]) == 0
    assert (tmp_path / "more.jsonl").read_text() == ""


def test_missing_vectors_are_counted_and_what_is_there_stays(records, tmp_path, embedder, local, capsys, monkeypatch):
    monkeypatch.setattr("rag.library.ledger.RECORDS_PER_COMMIT", 4)
    library, texts, some = tmp_path / "library", tmp_path / "texts.jsonl", tmp_path / "some.npy"
    common = ["--library", str(library)]
    main(["texts", str(records), "-o", str(texts), *common])
    texts.write_text("".join(texts.read_text().splitlines(keepends=True)[:6]))
    job(embedder, texts, some)
    capsys.readouterr()
    assert main(["add", str(records), "--vectors", str(some), *common]) == 2
    reported = capsys.readouterr().err
    assert "4 texts have no vector, such as 'Of " in reported
    assert "--embed-missing" in reported
    with Library.open(library, embedder=embedder) as stopped:
        assert len(stopped) == 4
    assert main(["texts", str(records), "--vectors", str(some), "-o", str(tmp_path / "rest.jsonl"), *common]) == 0
    assert len(job(embedder, tmp_path / "rest.jsonl", tmp_path / "rest.npy")) == 4
    both = ["--vectors", str(some), "--vectors", str(tmp_path / "rest.npy")]
    assert main(["add", str(records), *both, *common]) == 0
    with Library.open(library, embedder=embedder) as whole:
        assert [hit.paper.title for hit in whole.search("clover", k=1)] == ["Of clover"]
        assert len(whole) == 10
    fresh = ["--library", str(tmp_path / "fresh")]
    local.embedded = 0
    assert main(["add", str(records), "--vectors", str(some), "--embed-missing", *fresh]) == 0
    assert local.embedded == 6 + 4  # the first 8 given are compared, and there are but 6


def test_vectors_of_another_model_add_nothing(records, tmp_path, embedder, capsys):
    texts, library = tmp_path / "texts.jsonl", tmp_path / "library"
    main(["texts", str(records), "-o", str(texts), "--library", str(library)])
    drawn = np.random.default_rng(0).normal(size=(10, 384)).astype(np.float32)
    np.save(tmp_path / "v.npy", drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
    keys = [json.loads(line)["key"] for line in texts.read_text().splitlines()]
    (tmp_path / "v.keys").write_text("\n".join(keys))
    assert main(["add", str(records), "--vectors", str(tmp_path / "v.npy"), "--library", str(library)]) == 2
    assert "embed with that model" in capsys.readouterr().err
    with Library.open(library, embedder=embedder) as empty:
        assert len(empty) == 0


def test_meaningless_options_are_refused(records, tmp_path, capsys):
    assert main(["add", str(records), "--embed-missing", "--library", str(tmp_path)]) == 2
    assert "needs --vectors" in capsys.readouterr().err
    assert main(["texts", str(records), "--json", "--library", str(tmp_path)]) == 2
    assert "-o FILE" in capsys.readouterr().err
