"""An add interrupted by a kill or by Ctrl-C: what is reported, and how it continues."""

import invented
import pytest
from counting import CountingEmbedder

import rag.library.ingest
import rag.library.ledger
from rag import Library
from rag.index import builds
from rag.library.ledger import Interrupted


class Cut(BaseException):
    """What nothing catches, as a kill."""


@pytest.fixture
def file(tmp_path):
    return invented.write(tmp_path / "papers.jsonl", range(20))


@pytest.fixture
def embedder(monkeypatch):
    monkeypatch.setattr(rag.library.ledger, "RECORDS_PER_COMMIT", 5)
    return CountingEmbedder()


def cut_after(monkeypatch, batches, how):
    """Let `how` come in the batch after these."""
    embed, done = rag.library.ingest.embed_papers, []

    def embedding(*arguments):
        if len(done) == batches:
            done.append("cut")
            raise how
        done.append("embedded")
        return embed(*arguments)

    monkeypatch.setattr(rag.library.ingest, "embed_papers", embedding)


def adds(library):
    (finding,) = (f for f in library.examine().findings if f.check == "adds")
    return finding


def test_a_first_add_that_was_killed_is_reported_and_continues(tmp_path, file, embedder, monkeypatch, caplog):
    with pytest.MonkeyPatch.context() as patch, Library.open(tmp_path / "library", embedder=embedder) as library:
        cut_after(patch, 2, Cut())
        with pytest.raises(Cut):
            library.add(file)
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        assert not adds(library).ok
        assert "run it again" in adds(library).detail
        assert "papers.jsonl" not in adds(library).detail  # fit for a bug tracker
        assert library.search("barley")
        assert f"the add of {file} didn't finish: run it again" in caplog.text
        assert "10 papers are stored" in caplog.text
        assert "damaged" not in caplog.text
        report = library.add(file)
        assert (len(report.added), len(report.unchanged)) == (10, 10)
        assert library.examine().healthy


def test_a_first_add_that_was_killed_before_it_stored_anything_is_reported(tmp_path, file, embedder):
    with pytest.MonkeyPatch.context() as patch, Library.open(tmp_path / "library", embedder=embedder) as library:
        cut_after(patch, 0, Cut())
        with pytest.raises(Cut):
            library.add(file)
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        assert (len(library), adds(library).ok) == (0, False)
        library.add(file)
        assert adds(library).ok


def test_ctrl_c_leaves_no_doubt_about_the_index(tmp_path, file, embedder, caplog):
    with pytest.MonkeyPatch.context() as patch, Library.open(tmp_path / "library", embedder=embedder) as library:
        cut_after(patch, 2, KeyboardInterrupt())
        with pytest.raises(Interrupted, match="10 records are stored, 10 of them new") as raised:
            library.add(file)
        assert raised.value.report.interrupted
        assert adds(library).ok  # whoever stopped it knows
        assert library.search("barley")
        assert "damaged" not in caplog.text


def test_ctrl_c_while_the_index_is_built_reports_that_all_is_stored(tmp_path, file, embedder):
    def stopped(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, Library.open(tmp_path / "library", embedder=embedder) as library:
        patch.setattr(builds, "publish", stopped)
        with pytest.raises(Interrupted, match="20 records are stored, 20 of them new") as raised:
            library.add(file)
    assert len(raised.value.report.added) == 20
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        assert len(library.add(file).unchanged) == 20


def test_a_second_ctrl_c_counts_what_is_stored(tmp_path, file, embedder):
    with pytest.MonkeyPatch.context() as patch, Library.open(tmp_path / "library", embedder=embedder) as library:
        cut_after(patch, 2, KeyboardInterrupt())
        patch.setattr(rag.library.ledger.Ledger, "note", stopped_again)
        with pytest.raises(Interrupted, match="10 records are stored; add again"):
            library.add(file)
        assert not adds(library).ok
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(file)
        assert (len(library), adds(library).ok) == (20, True)


def stopped_again(*_):
    raise KeyboardInterrupt
