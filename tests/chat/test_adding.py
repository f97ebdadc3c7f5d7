"""What is said of files on their way into a library, and what becomes of them."""

import threading

import pytest

from rag import Library
from rag.chat import adding as adding_module
from rag.chat import library_view
from rag.chat.adding import Adding, Additions
from rag.chat.libraries import Shelf
from rag.chat.uploads import Uploads
from rag.config import Config
from rag.errors import InputError

CSV = b"title,abstract\nOn wells,The well is nine metres deep.\n"


@pytest.fixture
def additions(embedder, tmp_path):
    library = Library.open(tmp_path / "mine", embedder=embedder)
    uploads = Uploads(tmp_path / "uploads")
    yield Additions(Shelf([library], tmp_path / "own", Config()), uploads)
    uploads.close()
    library.close()


def dropped(additions, tmp_path, owner, name="wells.csv", content=CSV):
    """Files that this person uploaded."""
    file = tmp_path / "dropped"
    file.write_bytes(content)
    with file.open("rb") as stream:
        return additions._uploads.keep(owner, [(name, stream, len(content))])


def ended(adding):
    for _ in adding.news.follow():
        pass
    return adding


def test_each_step_is_named():
    adding = Adding("bees")
    adding.files = ("one.ris", "two.ris", "three.ris", "four.ris")
    assert "Waiting for other files" in library_view.outcome(adding)
    adding.begun = True
    assert "Reading <b" in library_view.outcome(adding)
    adding.progress(1_200, 5_000)
    html = library_view.outcome(adding)
    assert "Adding <b" in html
    assert "1,200 of 5,000 records" in html
    assert "and 1 more" in html
    adding.progress(5_000, 5_000)
    assert "Making the papers searchable" in library_view.outcome(adding)


def test_a_report_is_its_owners_until_it_is_closed(additions, tmp_path):
    adding = ended(additions.start("ada", dropped(additions, tmp_path, "ada"), "mine"))
    assert len(adding.report.added) == 1
    assert str(tmp_path) not in adding.file
    assert additions.of("ada") == (adding,)
    assert additions.of("bo") == ()
    additions.close("ada")
    assert additions.of("ada") == ()


def test_what_cannot_be_added_ends_with_its_reason(additions, tmp_path):
    theirs = dropped(additions, tmp_path, "ada")
    assert "no such uploaded file" in ended(additions.start("bo", theirs, "mine")).problem
    assert "No library is named" in ended(additions.start("ada", theirs, "nowhere")).problem


def test_of_files_that_cannot_be_read_each_is_named(additions, tmp_path):
    broken = {"empty.bib": b"", "pages.pdf": b"%PDF-1.7"}
    names = [name for file, content in broken.items() for name in dropped(additions, tmp_path, "ada", file, content)]
    adding = ended(additions.start("ada", names, "mine"))
    html = library_view.outcome(adding)
    assert all(file in html for file in broken)
    assert "Nothing was added. <b>2</b> files couldn’t be read." in html


def test_closing_a_report_leaves_what_is_still_being_added(additions, tmp_path, monkeypatch):
    whole, go_on = Library.add, threading.Event()
    monkeypatch.setattr(Library, "add", lambda *given, **named: go_on.wait(60) and whole(*given, **named))
    adding = additions.start("ada", dropped(additions, tmp_path, "ada"), "mine")
    additions.close("ada")
    assert additions.of("ada") == (adding,)
    go_on.set()
    assert ended(adding).report is not None


def test_uploads_beyond_those_that_may_wait_are_refused_and_dropped(additions, tmp_path, monkeypatch):
    monkeypatch.setattr(adding_module, "MOST_WAITING", 1)
    whole, go_on = Library.add, threading.Event()
    monkeypatch.setattr(Library, "add", lambda *given, **named: go_on.wait(60) and whole(*given, **named))
    first = additions.start("ada", dropped(additions, tmp_path, "ada"), "mine")
    names = dropped(additions, tmp_path, "bo")
    with pytest.raises(InputError, match="waiting to be added"):
        additions.start("bo", names, "mine")
    assert not additions._uploads.owns("bo", names[0])
    go_on.set()
    assert ended(first).report is not None
