"""watch: what appears in a folder is added, while other processes use the library."""

import json
import os

import pytest

import rag.commands.watch_folder
from rag.catalog.lock import writing
from rag.commands.watch_folder import look, settled

BARLEY = {"title": "Water and barley", "abstract": "We watered forty barley plots. Moist plots gave more grain."}
ROOFS = {"title": "Tin roofs in hail", "abstract": "Hail dents roofs of tin. A thicker sheet cut dents."}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "inbox"
    place.mkdir()
    return place


def write(folder, name, *records):
    (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


@pytest.fixture
def between(monkeypatch):
    """Have one step run at each wait between two looks; Ctrl-C comes after the last."""

    def between(*steps):
        left = iter(steps)

        def wait(seconds):
            step = next(left, None)
            if step is None:
                raise KeyboardInterrupt
            step()

        monkeypatch.setattr(rag.commands.watch_folder.time, "sleep", wait)

    return between


def nothing():
    pass


def titles(run):
    return sorted(paper["title"] for paper in json.loads(run("papers", "--json")[1])["papers"])


def test_what_is_there_and_what_appears_or_changes_is_added(run, folder, between):
    write(folder, "a.jsonl", BARLEY)
    longer = ROOFS | {"abstract": f"{ROOFS['abstract']} Sixty roofs were counted."}
    between(
        nothing, lambda: write(folder, "b.jsonl", ROOFS), nothing, lambda: write(folder, "b.jsonl", longer), nothing,
        lambda: (folder / "a.jsonl").unlink(), nothing,
    )  # fmt: skip
    code, out, err = run("watch", folder)
    assert code == 130
    assert f"watching {folder}" in err
    assert (out.count("1 added"), out.count("1 updated"), out.count("1 record: ")) == (2, 1, 3)
    assert titles(run) == ["Tin roofs in hail", "Water and barley"]
    assert "Sixty roofs" in run("papers", "--json")[1]


def test_a_file_that_is_still_being_written_waits(folder):
    write(folder, "a.jsonl", BARLEY)
    (folder / "empty.ris").touch()
    write(folder, ".hidden.jsonl", BARLEY)
    write(folder, "b.jsonl.crdownload", BARLEY)
    (folder / "below").mkdir()
    before = look(folder)
    assert settled({}, before, {}) == []
    write(folder, "a.jsonl", BARLEY, ROOFS)
    os.utime(folder / "a.jsonl", (1, 1))
    now = look(folder)
    assert settled(before, now, {}) == []
    assert settled(now, now, {}) == [folder / "a.jsonl"]
    assert settled(now, now, now) == []


def test_a_file_that_cannot_be_read_stops_nothing(run, folder, between):
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 and so on")
    write(folder, "b.jsonl", BARLEY)
    between(nothing, nothing, nothing)
    code, _, err = run("watch", folder)
    assert (code, err.count("this is a PDF"), titles(run)) == (130, 1, ["Water and barley"])


def test_a_library_that_is_being_written_to_is_left_alone_until_it_is_free(run, folder, between, tmp_path):
    write(folder, "first.jsonl", ROOFS)
    run("add", folder / "first.jsonl")
    write(folder, "a.jsonl", BARLEY)
    held = writing(tmp_path / "library")
    between(lambda: held.__enter__(), lambda: held.__exit__(None, None, None), nothing)
    code, _, err = run("watch", folder)
    assert code == 130
    assert "is writing to this library" in err
    assert "is tried again" in err
    assert titles(run) == ["Tin roofs in hail", "Water and barley"]


def test_once_adds_what_is_there_and_ends(run, folder):
    write(folder, "a.jsonl", BARLEY)
    code, out, _ = run("watch", folder, "--once", "--every", "0.1", "--json")
    assert (code, len(json.loads(out)["added"])) == (0, 1)


@pytest.mark.parametrize("arguments", [("nowhere",), (".", "--every", "0")])
def test_what_cannot_be_watched_is_refused(run, arguments):
    assert run("watch", *arguments)[0] == 2
