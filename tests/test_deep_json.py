"""JSON that someone else wrote and nested without end: a typed error or nothing, wherever Pincite reads it."""

import threading
from pathlib import Path

import httpx
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.catalog.lock import writing
from rag.errors import ConfigError, FetchError, LibraryBusyError
from rag.models.model_folder import ModelFolder
from rag.question.calibration import from_text
from rag.serialization import parse_json
from rag.sources import fetch, zotero_api

DEEP = "[" * 100_000


def test_a_note_of_the_writer_in_a_library_from_someone_else(tmp_path):
    record = {"title": "On wells", "abstract": "The well is nine metres deep."}
    held, done = threading.Event(), threading.Event()

    def hold():
        with writing(tmp_path / "library"):
            (tmp_path / "library" / "writer.json").write_text(DEEP, encoding="utf-8")
            held.set()
            done.wait(30)

    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add_records([record])
        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(30)
        with pytest.raises(LibraryBusyError):
            library.remove(library.papers()[0].id)
        done.set()
        holder.join(30)


def test_a_calibration_in_a_library_from_someone_else():
    assert from_text(DEEP, 10, "basis") is None


def test_a_model_folder_from_someone_else(tmp_path):
    (tmp_path / "config.json").write_text(DEEP, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.json can't be read \(it is nested too deep\)"):
        _ = ModelFolder(Path(tmp_path), tmp_path / "model.onnx", "", (), None).config


def test_what_a_service_or_zotero_answers():
    with pytest.raises(FetchError, match="isn't JSON"):
        fetch.json_object("PubMed", DEEP.encode())
    reply = httpx.Response(200, text=DEEP, request=httpx.Request("GET", "http://127.0.0.1/api"))
    with pytest.raises(FetchError, match="isn't JSON"):
        zotero_api._parsed(reply)


def test_sound_json_is_read():
    assert parse_json(b'{"a": [1]}') == {"a": [1]}
