"""The command line as people type it: options anywhere, a first word of help, pipes, completion."""

import io
import json
import subprocess
import sys

import pytest
from places import ROOT

import rag.sources.arxiv_fetch
from rag.__main__ import main

PAPER = {
    "title": "Moths at streetlights",
    "abstract": "Moths circle streetlights for hours in the night.",
    "year": 2020,
}


class Piped(io.StringIO):
    """Standard input that holds a text."""

    @property
    def buffer(self):
        return io.BytesIO(self.getvalue().encode())


@pytest.fixture
def piped(monkeypatch):
    return lambda text: monkeypatch.setattr(sys, "stdin", Piped(text))


@pytest.fixture
def filled(run, write_jsonl):
    assert run("add", write_jsonl("papers.jsonl", [PAPER]))[0] == 0
    return run


def test_alone_it_says_what_to_do_first(capsys):
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert shown.index("pincite add FILE…") < shown.index("pincite ask")


@pytest.mark.parametrize("before", [("--library", "{}", "--json"), ("--json", "--library={}")])
def test_options_may_come_before_the_command(filled, tmp_path, capsys, before):
    before = [word.format(tmp_path / "library") for word in before]
    assert main([*before, "search", "moths"]) == 0
    assert json.loads(capsys.readouterr().out)["hits"][0]["title"] == PAPER["title"]


FILTERS = ["-k", "1", "--year=2020", "--library", "{}", "--json"]


@pytest.mark.parametrize("place", range(3))
def test_an_option_may_stand_before_its_command_behind_it_or_at_the_end(filled, tmp_path, capsys, place):
    typed = ["search", "moths"]
    typed[place:place] = [word.format(tmp_path / "library") for word in FILTERS]
    assert main(typed) == 0
    assert len(json.loads(capsys.readouterr().out)["hits"]) == 1


def test_a_value_in_front_may_be_the_name_of_a_command(run, tmp_path, monkeypatch, write_jsonl, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["--library", "search", "add", str(write_jsonl("papers.jsonl", [PAPER]))]) == 0
    assert main(["--library", "search", "--author", "ask", "search", "moths"]) == 0
    assert "No paper was found" in capsys.readouterr().out


def test_options_may_stand_between_files(run, write_jsonl, tmp_path, capsys):
    one, other = (str(write_jsonl(f"{n}.jsonl", [PAPER | {"title": f"Moths {n}"}])) for n in range(2))
    assert main(["add", one, "--library", str(tmp_path / "both"), other, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["records"] == 2


def test_a_query_may_follow_the_options_of_a_command(run, monkeypatch):
    asked = []
    monkeypatch.setattr(
        rag.sources.arxiv_fetch, "fetch_arxiv", lambda query, ids, limit: iter(asked.append(query) or ())
    )
    run("fetch", "arxiv", "--limit", "5", "ti:moth")
    assert asked == ["ti:moth"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (["--library", "demo", "mcp", "--help"], "pincite mcp"),
        (["--split", "dev", "eval", "run", "--help"], "pincite eval run"),
        (["eval", "--split", "dev", "run", "--help"], "pincite eval run"),
        (["--yes", "models", "get", "--help"], "pincite models get"),
        (["--json", "watch", "--year", "2020", "add", "--help"], "pincite watch add"),
        (["help", "watch", "add"], "pincite watch add"),
        (["-h", "search"], "pincite search"),
    ],
)
def test_options_may_come_before_every_kind_of_command(capsys, typed, shown):
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert (ended.value.code, f"usage: {shown} " in capsys.readouterr().out) == (0, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["serach", "moths"], "there is no command 'serach': did you mean 'search'?"),
        (["xyzzy"], "there is no command 'xyzzy': `pincite --help` lists them"),
        (["search", "moths", "--limt=3"], "unknown argument --limt=3: did you mean '--limit'?"),
        (["search", "moths", "--k", "3"], "unknown argument --k: did you mean '-k'?"),
        (["papers", "extra"], "unknown argument extra"),
        (["--limt", "3", "search", "moths"], "pincite search: error: unknown argument --limt: did you mean '--limit'?"),
        (["--year", "2020", "papers"], "pincite papers: error: unknown argument --year"),
        (["--json", "--library=demo", "serach", "papers"], "there is no command 'serach': did you mean 'search'?"),
        (["--library", "demo"], "no command is named: `pincite --help` lists them"),
        (["--library", "search"], "argument --library: expected one argument"),
        (["search", "moths", "--venue"], "argument --venue: expected one argument"),
    ],
)
def test_a_mistyped_command_or_option_is_named_with_the_nearest(capsys, typed, said):
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert (ended.value.code, said in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize("typed", [["help"], ["help", "search"], ["-V"]])
def test_help_is_a_command_too(capsys, typed):
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert (ended.value.code, "pincite" in capsys.readouterr().out) == (0, True)


def test_a_file_comes_from_standard_input_and_is_named_so(run, piped):
    piped(json.dumps(PAPER))
    assert "1 added" in run("add", "-")[1]
    assert "from: standard input, record 1" in run("show", json.loads(run("papers", "--json")[1])["papers"][0]["id"])[1]
    piped("just a note")
    code, _, err = run("add", "-")
    assert (code, err.startswith("pincite: standard input: ")) == (2, True)
    code, _, err = run("add", "-", "more.bib")
    assert (code, "can't be combined" in err) == (2, True)


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_comes_from_standard_input(filled, piped, command):
    piped("What do moths circle?\n")
    assert "Moths circle streetlights" in filled(command, "-")[1]


def test_an_answer_shows_its_sentences_as_they_come(demo_library, monkeypatch):
    """The text is there in whole lines before anything is printed below it."""
    written = []

    class Noting(io.StringIO):
        def write(self, text):
            written.append(text)
            return super().write(text)

    monkeypatch.setattr(sys, "stdout", Noting())
    question = "What is emergent misalignment and what triggers it?"
    assert main(["ask", question, "--library", str(demo_library.folder)]) == 0
    shown = sys.stdout.getvalue()
    sentences = [piece for piece in written[: written.index("\n")] if piece.strip()]
    monkeypatch.undo()
    assert len(sentences) > 1
    assert shown.startswith("".join(sentences))
    assert all(len(line) <= 100 for line in "".join(sentences).splitlines())


def test_a_declined_answer_is_shown_once(filled):
    shown = filled("ask", "What do moths circle?", "--year", "1950")[1]
    assert shown.count("No paper in the library passes these filters") == 1


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["pincite", "se"], {"search", "serve"}),
        (["pincite", "ask", "--rec"], {"--receipt"}),
        (["pincite", "ask", "x"], set()),
        (["pincite", "watch", "r"], {"remove", "run"}),
    ],
)
def test_bash_completes_commands_and_options(capsys, typed, offered):
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    words = " ".join(f"'{word}'" for word in typed)
    ask = f"{script}\nCOMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _pincite; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize(
    ("shell", "line"), [("zsh", "bashcompinit"), ("fish", "__fish_seen_subcommand_from ask' -l receipt")]
)
def test_other_shells_get_a_script_of_their_own(capsys, shell, line):
    assert main(["completion", shell]) == 0
    assert line in capsys.readouterr().out
