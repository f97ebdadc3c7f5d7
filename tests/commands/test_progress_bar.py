"""A long job shows how far it is: on a terminal, and only there."""

import io
import json
import shutil
import sqlite3
import sys

import pytest
from zotero_on_loopback import Zotero

import rag.catalog.database
import rag.commands.progress_bar
import rag.sources.arxiv_fetch
import rag.sources.fetch
from rag.library.backup import restore
from rag.types import Origin, Record

EARLIER = [{"title": "Rye", "abstract": "Rye grew on sand. It yielded little."}]
PAPERS = [{"title": f"Barley {n}", "abstract": f"Plot {n} gave more grain when it was watered."} for n in range(3)]


class Terminal(io.StringIO):
    def isatty(self):
        return True


BARS = ("fetching", "reading", "adding", "checking", "backing up", "restoring", "indexing")


@pytest.fixture
def desk(tmp_path, monkeypatch, write_jsonl, run):
    def fetched(_query, *_more):
        yield Record("Mice in mazes", "Mice ran. They learned.", Origin("there", 1))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rag.sources.arxiv_fetch, "fetch_arxiv", fetched)
    monkeypatch.setattr(rag.sources.fetch, "fetch", lambda *given: iter([list(fetched(*given))]))
    write_jsonl("papers.jsonl", PAPERS)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "papers.jsonl").write_text(json.dumps(PAPERS[0]), encoding="utf-8")
    Zotero().write(tmp_path / "Zotero")
    write_jsonl("earlier.jsonl", EARLIER)
    run("add", "earlier.jsonl")
    run("backup", "saved.pincite")


@pytest.mark.parametrize(
    ("call", "bars"),
    [
        ("add papers.jsonl", ["adding"]), ("add -", ["adding"]), ("texts papers.jsonl -o texts.jsonl", ["reading"]),
        ("fetch arxiv ti:mice", ["fetching", "adding"]), ("fetch pubmed mice", ["fetching"]),
        ("sync zotero --from Zotero", ["adding"]), ("watch folder --once --every 0.1", ["adding"]),
        ("doctor", ["checking"]), ("doctor --repair", ["checking"]), ("backup other.pincite", ["backing up"]),
        ("restore saved.pincite", ["restoring"]),
    ],
)  # fmt: skip
def test_a_long_job_shows_its_progress_on_a_terminal_alone(desk, run, monkeypatch, call, bars):
    shown = Terminal()
    papers = "\n".join(json.dumps(paper) for paper in PAPERS).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(papers)))
    monkeypatch.setattr(sys, "stderr", shown)
    code, _, _ = run(*call.split())
    assert code == 0, shown.getvalue()
    assert [bar for bar in BARS if f"{bar}: " in shown.getvalue()] == bars


def test_records_handed_in_report_how_many_are_done(tmp_path, embedder):
    told = []
    with rag.Library(tmp_path / "library", embedder=embedder) as library:
        library.add_records(PAPERS, progress=lambda done, total: told.append((done, total)))
        library.add_records(iter(PAPERS), progress=lambda done, total: told.append((done, total)))
        library.sync_records(PAPERS, "shelf", progress=lambda done, total: told.append((done, total)))
    assert told == [(3, 3)] * 3


def test_an_index_shows_its_progress_if_it_takes_long_whichever_command_builds_it(desk, run, tmp_path, monkeypatch):
    monkeypatch.setattr(rag.commands.progress_bar, "SECONDS", 0)
    for call in ("add papers.jsonl", "search moths", "doctor --repair", "restore saved.pincite", "remove title:none"):
        shown = Terminal()
        if call.startswith("search"):
            shutil.rmtree(tmp_path / "library" / "derived")
        with monkeypatch.context() as there:
            there.setattr(sys, "stderr", shown)
            run(*call.split())
        assert ("indexing: " in shown.getvalue()) == (not call.startswith("remove")), call


@pytest.fixture
def library(tmp_path, embedder):
    with rag.Library(tmp_path / "library", embedder=embedder) as library:
        library.add_records(PAPERS)
        yield library


def grows_to_its_end(told):
    """Whether a job told how far it was, from its first step to its last, and never went back."""
    done, totals = zip(*told, strict=True)
    return 0 < done[0] < done[-1] == totals[-1] == max(totals) and list(done) == sorted(done)


@pytest.mark.parametrize("job", ["examine", "repair"])
def test_a_check_reports_each_step_to_the_last(library, job):
    told = []
    assert getattr(library, job)(progress=lambda *step: told.append(step)).healthy
    assert grows_to_its_end(told)
    assert len(told) > 3 * len(PAPERS)


def test_a_repair_counts_what_it_embeds_again(library):
    with sqlite3.connect(library.folder / "catalog.sqlite") as connection:
        connection.execute("UPDATE paper SET abstract = 'Another program wrote this.'")
    connection.close()
    told = []
    assert library.repair(progress=lambda *step: told.append(step)).healthy
    assert grows_to_its_end(told)


def test_a_copy_reports_its_bytes_and_is_of_one_state_while_others_write(library, tmp_path, monkeypatch):
    monkeypatch.setattr(rag.catalog.database, "_PAGES", 2)
    file, told = tmp_path / "saved.pincite", []

    def writing_meanwhile(done, total):
        if len(told) < 3:  # a copy that began anew with each change would never tell more than the first pages
            with rag.Library(library.folder, embedder=library.embedder) as other:
                other.add_records([{"title": f"Oats {len(told)}", "abstract": f"Oats fed {len(told)} horses."}])
        told.append((done, total))

    size = library.backup(file, progress=writing_meanwhile)
    assert grows_to_its_end(told)
    assert told[-1] == (size, size)
    restored, copied = [], []
    restore(file, tmp_path / "other", None, lambda *step: copied.append(step), lambda *step: restored.append(step))
    assert copied[-1] == (size, size)
    assert restored[-1] == (len(PAPERS), len(PAPERS))
    assert len(library) == len(PAPERS) + 3
