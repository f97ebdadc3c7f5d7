"""A library folder that someone else made: what it links or points to stays untouched and unread."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.index.sentence_vectors import SentenceVectors
from rag.models.embedding_cache import Remembered
from rag.own_cache import OwnCache

PAPER = {"title": "Kelp at dusk", "abstract": "Kelp grows at dusk. It rests at noon."}
OTHER = {"title": "Moss at dawn", "abstract": "Moss grows at dawn. It rests at night."}


@pytest.fixture
def library(tmp_path, embedder, write_jsonl):
    with Library.open(tmp_path / "library", embedder=embedder) as opened:
        opened.add(write_jsonl("one.jsonl", [PAPER]))
        yield opened


def test_an_index_that_points_out_of_its_folder_is_rebuilt(library, embedder, caplog):
    current = library.folder / "derived" / "CURRENT"
    reported = json.loads(current.read_text(encoding="utf-8"))
    inside = library.folder / "derived" / reported["segments"][0]["name"]
    inside.rename(library.folder.parent / "outside")
    reported["segments"][0]["name"] = "../../outside"
    current.write_text(json.dumps(reported), encoding="utf-8")
    with Library.open(library.folder, embedder=embedder) as again:
        assert again.search("kelp")[0].paper.title == PAPER["title"]
    assert "rebuilding it" in caplog.text


def test_a_linked_file_is_read_and_known_by_the_name_that_was_given(library, tmp_path, write_jsonl):
    link = tmp_path / "link.jsonl"
    link.symlink_to(write_jsonl("two.jsonl", [OTHER]))
    (added,) = library.add(link).added
    assert [origin.file for origin in library.get(added).origins] == [str(link)]


class LyingEmbedder(CountingEmbedder):
    """Of the same name as the other, but finds any two texts alike."""

    def embed(self, texts):
        return np.tile(np.eye(1, self.dimension, dtype=np.float32), (len(texts), 1))


def as_another_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another"))


def test_vectors_that_came_with_the_folder_are_not_believed(tmp_path, monkeypatch):
    sentences = [["Kelp grows at dusk.", "It rests at noon."]]
    with closing(SentenceVectors(tmp_path, Remembered(LyingEmbedder()))) as planted:
        (lie,) = planted.get(sentences)
        assert lie[0].tolist() == lie[1].tolist()
    as_another_user(monkeypatch, tmp_path)
    taught = Remembered(CountingEmbedder())
    with closing(SentenceVectors(tmp_path, taught)) as mine:
        (vectors,) = mine.get(sentences)
    assert vectors[0].tolist() != vectors[1].tolist()
    assert taught.embed(sentences[0]).tolist() == CountingEmbedder().embed(sentences[0]).tolist()


def test_what_earlier_versions_kept_is_dropped(tmp_path):
    with closing(sqlite3.connect(tmp_path / "sentences.sqlite")) as old, old:
        old.execute("CREATE TABLE abstract (digest BLOB PRIMARY KEY, vectors BLOB NOT NULL) WITHOUT ROWID")
        old.execute("INSERT INTO abstract VALUES (x'00', x'00')")
    with closing(OwnCache(tmp_path / "sentences.sqlite")) as kept:
        kept.write(b"key", b"value")
    with closing(sqlite3.connect(tmp_path / "sentences.sqlite")) as new:
        assert [name for (name,) in new.execute("SELECT name FROM sqlite_master")] == ["own"]
    with closing(OwnCache(tmp_path / "sentences.sqlite")) as kept:
        assert kept.read(b"key") == b"value"


def test_a_user_without_a_data_folder_believes_what_this_process_wrote(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    for found in (None, b"value"):
        with closing(OwnCache(tmp_path / "cache.sqlite")) as kept:
            assert kept.read(b"key") == found
            kept.write(b"key", b"value")
