import argparse
import json
import re
import shutil

import pytest
from places import DEMO

import app
import eval.__main__ as evaluation
from rag.__main__ import build_parser, main
from rag.serve import program as server


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("cli") / "library")
    assert main(["add", str(DEMO), "--library", folder]) == 0
    return folder


def run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_json_is_one_document_and_nothing_else(demo, capsys):
    for arguments in (("papers",), ("search", "induction heads"), ("ask", "What is an induction head?")):
        code, out, _ = run(capsys, *arguments, "--json", "--library", demo)
        assert code == 0
        json.loads(out)


def test_search_json_has_the_agreed_fields(demo, capsys):
    _, out, _ = run(capsys, "search", "induction heads", "-k", 3, "--json", "--library", demo)
    hits = json.loads(out)["hits"]
    assert len(hits) == 3
    assert {"paper_id", "title", "score", "quote", "start", "end"} <= hits[0].keys()


def test_ask_shows_the_pinned_sentence_and_who_wrote(demo, capsys, tmp_path):
    receipt = tmp_path / "receipt.json"
    code, out, _ = run(capsys, "ask", "What is an induction head?", "--library", demo, "--receipt", receipt)
    assert code == 0
    assert "[1]" in out
    assert "No language model wrote this" in out
    assert json.loads(receipt.read_text())["quotes"]


def test_show_and_papers_agree(demo, capsys):
    _, out, _ = run(capsys, "papers", "--json", "--library", demo)
    paper = json.loads(out)["papers"][0]
    code, shown, _ = run(capsys, "show", paper["id"], "--library", demo)
    assert code == 0
    assert paper["title"] in shown


@pytest.mark.parametrize(
    ("name", "content", "reported"),
    [
        ("empty.txt", b"", "empty"),
        ("binary.dat", bytes(range(256)) * 20, "binary"),
        ("nothing.txt", b"Just a note.\n", "no paper"),
        ("wrong.csv", b"colour,shape\nred,round\n", "column"),
        ("cut.json", b'[{"title": "A", "abstract": "B."}, {"title": "C', "cut"),
    ],
)
def test_bad_files_get_one_clear_line_and_exit_code_2(capsys, tmp_path, name, content, reported):
    (tmp_path / name).write_bytes(content)
    code, _, err = run(capsys, "add", tmp_path / name, "--library", tmp_path / "library")
    assert code == 2
    assert name in err
    assert reported in err.lower()
    assert len(err.strip().splitlines()) == 1


def test_a_missing_path_and_a_missing_library_are_named(capsys, tmp_path):
    code, _, err = run(capsys, "add", tmp_path / "nowhere.bib", "--library", tmp_path / "library")
    assert (code, "nowhere.bib" in err) == (2, True)
    code, _, err = run(capsys, "search", "x", "--library", tmp_path / "no-library")
    assert (code, "no-library" in err, "pincite add" in err) == (2, True, True)


def test_no_progress_bar_in_a_pipe(capsys, tmp_path):
    _, _, err = run(capsys, "add", DEMO, "--library", tmp_path / "library")
    assert err == ""


@pytest.mark.parametrize("content", [b"no database at all " * 100, b""])
def test_a_damaged_catalog_is_a_finding_of_doctor_and_bad_input_elsewhere(demo, capsys, tmp_path, content):
    shutil.copytree(demo, tmp_path / "library")
    (tmp_path / "library" / "catalog.sqlite").write_bytes(content)
    code, out, _ = run(capsys, "doctor", "--json", "--library", tmp_path / "library")
    (finding,) = json.loads(out)["findings"]
    assert (code, finding["ok"], "pincite restore" in finding["detail"]) == (1, False, True)
    assert str(tmp_path) not in out
    code, _, err = run(capsys, "papers", "--library", tmp_path / "library")
    assert (code, "damaged" in err or "is empty" in err) == (2, True)


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"pincite (source|\d+\.\d+\.\d+\S*)\n", capsys.readouterr().out)


def parsers(parser):
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from parsers(inner)


def test_every_help_says_what_the_command_does_and_what_each_argument_is():
    programs = (build_parser(), evaluation.build_parser(), app.build_parser(), server.build_parser())
    for parser in (found for program in programs for found in parsers(program)):
        assert parser.description, parser.prog
        silent = [a.dest for a in parser._actions if not a.help and not isinstance(a, argparse._SubParsersAction)]
        assert not silent, parser.prog
