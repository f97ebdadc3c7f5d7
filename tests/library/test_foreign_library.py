"""A library folder that someone else made: what it links or points to stays untouched and unread."""

import json

import pytest

from rag import Library

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
