"""sync from the command line."""

import json

import pytest
from zotero_on_loopback import Zotero


def test_sync_follows_zotero_and_reports_what_left(run):
    zotero = Zotero()
    with zotero.serve() as address:
        code, out, err = run("sync", "zotero", "--from", address)
        assert (code, "3 added" in out) == (0, True)
        assert f"read from {address}" in err
        zotero.items.pop()
        code, out, _ = run("sync", "zotero", "--from", address)
    assert code == 0
    assert "2 unchanged" in out
    assert "removed with their last record: 1 papers" in out


def test_sync_prints_one_json_document(run, tmp_path):
    folder = Zotero().write(tmp_path / "Zotero")
    code, out, _ = run("sync", "zotero", "--from", folder, "--json")
    assert (code, len(json.loads(out)["added"]), json.loads(out)["removed"]) == (0, 3, [])


@pytest.mark.parametrize(
    ("place", "code", "told"), [("nowhere", 2, "no such file"), ("http://127.0.0.1:9/api", 1, "start Zotero")]
)
def test_a_zotero_that_cannot_be_read_makes_no_library(run, tmp_path, place, code, told):
    assert (run("sync", "zotero", "--from", place)[0], (tmp_path / "library").exists()) == (code, False)
    assert told in run("sync", "zotero", "--from", place)[2]
