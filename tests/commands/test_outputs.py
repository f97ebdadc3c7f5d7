"""No command replaces an existing file unless asked to; what it writes is complete or absent."""

import argparse
import contextlib
import csv
import os
from pathlib import Path

import pytest

from rag.commands.output import check_outputs, whole_file
from rag.errors import InputError

QUESTION = "How much more grain did moist barley plots give?"
BARLEY = "We watered forty barley plots in a dry spring and weighed the grain. Moist plots gave a third more grain."
MINE = "my own notes"


@pytest.fixture
def filled(run, write_jsonl):
    assert run("add", write_jsonl("papers.jsonl", [{"title": "Water and barley", "abstract": BARLEY}]))[0] == 0
    return run


@pytest.mark.parametrize(
    "command",
    [
        ("ask", QUESTION, "--receipt", "notes.json"),
        ("ask", QUESTION, "--cite", "notes.json"),
        ("ask", QUESTION, "--table", "notes.json"),
        ("export", "-o", "notes.json"),
        ("texts", "more.jsonl", "-o", "notes.json"),
        ("backup", "notes.json"),
    ],
    ids=lambda command: " ".join(command[-2:]),
)
def test_an_existing_file_is_replaced_only_on_request(filled, write_jsonl, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    write_jsonl("more.jsonl", [{"title": "Rye and frost", "abstract": BARLEY}])
    notes = tmp_path / "notes.json"
    notes.write_text(MINE)
    code, out, err = filled(*command)
    assert (code, out, notes.read_text()) == (2, "", MINE)
    assert "notes.json: already exists" in err
    assert "--overwrite" in err
    assert filled(*command, "--overwrite")[0] == 0
    assert notes.read_bytes() != MINE.encode()
    assert not list(tmp_path.glob("*.part"))


def test_the_papers_read_for_an_answer_are_written_as_a_table(filled, tmp_path):
    assert filled("ask", QUESTION, "--table", tmp_path / "read.csv")[0] == 0
    (row,) = csv.DictReader((tmp_path / "read.csv").read_text("utf-8").splitlines())
    assert (row["title"], row["cited"], row["stance"]) == ("Water and barley", "yes", "quoted")
    assert BARLEY[int(row["says_start"]) : int(row["says_end"])] == row["says"]


def test_an_unwritable_output_is_reported_before_anything_is_asked(filled, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.pipeline.answer", None)  # asking would fail
    for receipt, reported in ((tmp_path, "Is a directory"), (tmp_path / "no" / "r.json", "No such file or directory")):
        code, _, err = filled("ask", QUESTION, "--receipt", receipt)
        assert (code, reported in err) == (2, True), err
    same = tmp_path / "both.json"
    code, _, err = filled("ask", QUESTION, "--receipt", same, "--cite", same)
    assert (code, "named twice" in err) == (2, True)


def test_an_answer_is_shown_though_its_receipt_cannot_be_written(filled, tmp_path, monkeypatch):
    def full(*_):
        raise InputError("receipt.json: can't be written (No space left on device)")

    monkeypatch.setattr("rag.commands.asking.write_file", full)
    code, out, err = filled("ask", QUESTION, "--receipt", tmp_path / "receipt.json")
    assert (code, "a third more grain" in out, "No space left" in err) == (2, True, True)


def test_an_output_that_breaks_off_leaves_what_was_there(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text(MINE)
    with contextlib.suppress(KeyboardInterrupt), whole_file(notes) as opened:
        opened.write("half of")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert notes.read_text() == MINE


def test_a_link_is_followed_and_stays(tmp_path):
    notes, link = tmp_path / "notes.txt", tmp_path / "link.txt"
    notes.write_text(MINE)
    link.symlink_to(notes)
    with pytest.raises(InputError, match="already exists"):
        check_outputs(argparse.Namespace(overwrite=False), link)
    with whole_file(link) as opened:
        opened.write("new")
    assert (link.is_symlink(), notes.read_text()) == (True, "new")


def test_a_device_is_written_to_and_not_replaced(filled):
    null = Path(os.devnull).stat()
    assert filled("ask", QUESTION, "--receipt", os.devnull)[0] == 0
    code, _, err = filled("backup", os.devnull)
    assert (code, "name another" in err) == (2, True)
    assert Path(os.devnull).stat().st_rdev == null.st_rdev


def test_a_backup_does_not_replace_the_library_itself(filled, tmp_path):
    code, _, err = filled("backup", tmp_path / "library" / "catalog.sqlite", "--overwrite")
    assert (code, "own folder" in err) == (2, True)
    assert filled("papers")[0] == 0
