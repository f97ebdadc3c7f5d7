"""Ctrl-C during an add at the shell."""

import json

import rag.library.ingest
import rag.library.ledger
import rag.library.local
import rag.sources.arxiv_fetch

BARLEY = "We watered barley plot {n} in a dry spring and weighed the grain. It gave {n}% more."


def papers(write_jsonl, count):
    return write_jsonl(
        "papers.jsonl", [{"title": f"Of plot {n}", "abstract": BARLEY.format(n=n)} for n in range(count)]
    )


def stop(*_):
    raise KeyboardInterrupt


def test_json_reports_what_was_done_until_ctrl_c(run, write_jsonl, monkeypatch):
    monkeypatch.setattr(rag.library.ledger, "RECORDS_PER_COMMIT", 4)
    embed, calls = rag.library.ingest.embed_papers, []

    def embedding(*arguments):
        calls.append(arguments)
        return stop() if len(calls) == 3 else embed(*arguments)

    monkeypatch.setattr(rag.library.ingest, "embed_papers", embedding)
    file = papers(write_jsonl, 20)
    code, out, err = run("add", file, "--json")
    report = json.loads(out)
    assert (code, report["interrupted"], report["records"], len(report["added"])) == (130, True, 8, 8)
    assert "add again to continue" in err
    report = json.loads(run("add", file, "--json")[1])
    assert (report["interrupted"], len(report["added"]), len(report["unchanged"])) == (False, 12, 8)


def test_json_before_anything_was_done_reports_that_nothing_was(run, write_jsonl, monkeypatch):
    monkeypatch.setattr(rag.library.local, "make_folder", stop)
    monkeypatch.setattr(rag.sources.arxiv_fetch, "fetch_arxiv", stop)
    for command in (("add", papers(write_jsonl, 2)), ("fetch", "arxiv", "ti:barley")):
        code, out, _ = run(*command, "--json")
        assert (code, json.loads(out)["interrupted"], json.loads(out)["records"]) == (130, True, 0)
