"""Odd input from a shell: names that aren't text, missing names, and a machine that refuses."""

import json
import os

import pytest

from rag.commands.output import print_json

RECORD = {"title": "Water and barley", "abstract": "Moist plots gave a third more grain."}


def test_a_file_name_that_is_not_utf8_is_reported(run, write_jsonl, tmp_path):
    odd = os.fsencode(tmp_path) + b"/caf\xe9.jsonl"
    os.rename(write_jsonl("papers.jsonl", [RECORD]), odd)  # noqa: PTH104  pathlib takes no bytes
    code, out, err = run("add", os.fsdecode(odd))
    assert (code, out) == (2, "")
    assert "isn't UTF-8: rename it" in err


def test_odd_names_that_are_text_are_taken_as_they_are(run, write_jsonl):
    file = write_jsonl('wéird "name" 🐛\n.jsonl', [RECORD])
    assert run("add", file)[0] == 0
    assert run("search", "barley", "--source", "wéird")[0] == 0


@pytest.mark.parametrize(
    "command", [("add", "{}.bib"), ("restore", "{}"), ("backup", "{}"), ("verify", "{}"), ("export", "-o", "{}.bib")]
)
def test_a_name_that_is_too_long_is_reported_in_one_line(run, write_jsonl, command):
    run("add", write_jsonl("papers.jsonl", [RECORD]))
    code, out, err = run(*(word.format("long" * 100) for word in command))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "File name too long" in err


def test_words_that_are_not_text_are_reported(run, write_jsonl):
    run("add", write_jsonl("papers.jsonl", [RECORD]))
    for command in (("show", "\udcff"), ("search", "\udcff"), ("ask", "\udcff?"), ("search", "x", "--venue", "\udcff")):
        code, _, err = run(*command)
        assert (code, "half a character" in err) == (2, True)


def test_an_empty_library_is_distinguished_from_a_search_that_finds_nothing(run, tmp_path):
    (tmp_path / "empty.bib").write_bytes(b"")
    assert run("add", tmp_path / "empty.bib")[0] == 2
    assert "the library is empty" in run("search", "barley")[1]


@pytest.mark.parametrize("word", ["\x1b]0;PWNED\x07", "a\nb", "a\u202eb", "\x9b2J"])
@pytest.mark.parametrize(
    "command", [("search", "barley", "--year", "{}"), ("backup", "{}/x/y"), ("{}",), ("add", "{}.bib")]
)
def test_nothing_of_an_argument_reaches_a_terminal_that_would_obey_it(run, write_jsonl, capsys, command, word):
    run("add", write_jsonl("papers.jsonl", [RECORD]))
    try:
        _, out, err = run(*(part.format(word) for part in command))
    except SystemExit:  # argparse, which prints its usage above
        out, err = capsys.readouterr()
    assert word not in out + err
    assert all(line.isprintable() for line in (out + err).split("\n"))
    assert len([line for line in err.splitlines() if "error:" in line or line.startswith("pincite: ")]) == 1


def test_json_stays_json_where_a_character_is_written_out(capsys):
    print_json({"a": "\x9b2J\u202e\U000e0041"})
    out = capsys.readouterr().out
    assert all(line.isprintable() for line in out.splitlines())
    assert json.loads(out) == {"a": "\x9b2J\u202e\U000e0041"}


@pytest.mark.parametrize("command", [("backup", "a\0b"), ("texts", "{}", "-o", "a\0b"), ("fetch", "arxiv", "\udcff")])
def test_what_no_system_can_write_is_refused_in_one_line(run, write_jsonl, command):
    file = write_jsonl("papers.jsonl", [RECORD])
    run("add", file)
    code, out, err = run(*(word.format(file) for word in command))
    assert (code, out, len(err.splitlines())) == (2, "", 1)


def test_deeply_nested_vectors_are_refused(run, write_jsonl, tmp_path):
    deep = tmp_path / "deep.jsonl"
    deep.write_text("[" * 100_000)
    code, out, err = run("texts", write_jsonl("papers.jsonl", [RECORD]), "--vectors", str(deep))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
