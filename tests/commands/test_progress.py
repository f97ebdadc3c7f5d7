"""A long job shows how far it is: on a terminal, and only there."""

import io
import json
import sys

import pytest
from zotero_on_loopback import Zotero

import rag.sources.arxiv_fetch
import rag.sources.fetch
from rag.types import Origin, Record

PAPERS = [{"title": f"Barley {n}", "abstract": f"Plot {n} gave more grain when it was watered."} for n in range(3)]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def desk(tmp_path, monkeypatch, write_jsonl):
    def fetched(_query, *_more):
        yield Record("Mice in mazes", "Mice ran. They learned.", Origin("there", 1))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rag.sources.arxiv_fetch, "fetch_arxiv", fetched)
    monkeypatch.setattr(rag.sources.fetch, "fetch", lambda *given: iter([list(fetched(*given))]))
    write_jsonl("papers.jsonl", PAPERS)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "papers.jsonl").write_text(json.dumps(PAPERS[0]), encoding="utf-8")
    Zotero().write(tmp_path / "Zotero")


@pytest.mark.parametrize(
    ("call", "bars"),
    [
        ("add papers.jsonl", ["adding"]), ("add -", ["adding"]), ("texts papers.jsonl -o texts.jsonl", ["reading"]),
        ("fetch arxiv ti:mice", ["fetching", "adding"]), ("fetch pubmed mice", ["fetching"]),
        ("sync zotero --from Zotero", ["adding"]), ("watch folder --once --every 0.1", ["adding"]),
    ],
)  # fmt: skip
def test_a_long_job_shows_its_progress_on_a_terminal_alone(desk, run, monkeypatch, call, bars):
    shown = Terminal()
    papers = "\n".join(json.dumps(paper) for paper in PAPERS).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(papers)))
    monkeypatch.setattr(sys, "stderr", shown)
    code, _, _ = run(*call.split())
    assert code == 0, shown.getvalue()
    assert [bar for bar in ("fetching", "reading", "adding") if f"{bar}: " in shown.getvalue()] == bars


def test_records_handed_in_report_how_many_are_done(tmp_path, embedder):
    told = []
    with rag.Library(tmp_path / "library", embedder=embedder) as library:
        library.add_records(PAPERS, progress=lambda done, total: told.append((done, total)))
        library.add_records(iter(PAPERS), progress=lambda done, total: told.append((done, total)))
        library.sync_records(PAPERS, "shelf", progress=lambda done, total: told.append((done, total)))
    assert told == [(3, 3)] * 3
