"""A library that is restored, moved or made anew while it is open: what is acknowledged is found by everyone."""

import shutil
import subprocess
import sys
import threading

import invented
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.chat.libraries import Shelf
from rag.config import Config
from rag.errors import LibraryError
from rag.library.backup import restore
from rag.types import Origin, Record

QUESTION = "what did barley on clay give?"


@pytest.fixture
def place(tmp_path):
    """A library of five papers, a backup of it when it held three, and files with more."""
    with opened(tmp_path / "library") as library:
        library.add(invented.write(tmp_path / "one.jsonl", range(3)))
        library.backup(tmp_path / "backup.pincite")
        library.add(invented.write(tmp_path / "two.jsonl", range(3, 5)))
    invented.write(tmp_path / "more.jsonl", range(20, 24))
    invented.write(tmp_path / "other.jsonl", range(30, 36))
    return tmp_path


def opened(folder):
    return Library.open(folder, embedder=CountingEmbedder())


def restored(place):
    restore(place / "backup.pincite", place / "library")
    return 3


def made_anew(place):
    shutil.rmtree(place / "library")
    with opened(place / "library") as other:
        return len(other.add(place / "other.jsonl").added)


def moved(place):
    (place / "library").rename(place / "library-2")
    return 0


def replaced_by_another(place):
    with opened(place / "new") as other:
        other.add(place / "other.jsonl")
    shutil.rmtree(place / "library")
    (place / "new").rename(place / "library")
    return 6


def papers(folder):
    """Return what everyone else finds."""
    with opened(folder) as other:
        assert not [finding for finding in other.examine().findings if not finding.ok]
        return other.papers()


WAYS = pytest.mark.parametrize("way", [restored, made_anew, moved, replaced_by_another])
# A restore waits for the lock, which a change holds.
WAYS_WITHOUT_LOCK = pytest.mark.parametrize("way", [made_anew, moved, replaced_by_another])


@WAYS
def test_what_is_added_by_an_old_handle_is_found_by_everyone(place, way):
    with opened(place / "library") as library:
        assert library.search(QUESTION)
        there = way(place)
        assert len(library.add(place / "more.jsonl").added) == 4
        assert len(library) == there + 4
        assert len(library.search(QUESTION)) == there + 4
        assert library.papers() == papers(place / "library")
        assert library.examine().healthy
    if way is moved:
        assert len(papers(place / "library-2")) == 5


@WAYS
def test_a_reader_sees_what_is_there_now(place, way):
    with opened(place / "library") as library:
        assert len(library.search(QUESTION)) == 5
        there = way(place)
        assert len(library.search(QUESTION)) == there
        assert (len(library), library.exists) == (there, there > 0)
        if there:
            assert library.papers() == papers(place / "library")
            assert {hit.paper_id for hit in library.search(QUESTION)} == {paper.id for paper in library.papers()}
        assert (place / "library").exists() == (there > 0)  # a search makes no folder


@WAYS
def test_every_other_change_reaches_what_is_there_now_or_is_refused(place, way):
    with opened(place / "library") as library:
        first = library.papers()[0].id
        assert library.search(QUESTION)
        way(place)
        for change in (
            lambda: library.edit(first, title="Barley, revisited"),
            lambda: library.remove(library.papers()[-1].id),
            lambda: library.remove(first),
            lambda: library.repair(),
        ):
            try:
                change()
            except (LibraryError, IndexError):
                continue
            assert library.papers() == papers(place / "library")
        if way is restored:
            with opened(place / "library") as other:
                assert first not in {paper.id for paper in other.papers()}


@WAYS_WITHOUT_LOCK
def test_a_change_under_which_the_library_goes_is_not_acknowledged(place, way):
    library = opened(place / "library")

    def records():
        yield from invented_records(range(40, 140))  # more than one batch
        way(place)
        yield from invented_records(range(140, 150))

    with library, pytest.raises(LibraryError, match=r"replaced or moved while this command.*run .* again"):
        library.add_records(records(), "made up")
    if way is not moved:
        assert len(papers(place / "library")) == 6
    with library:  # goes on with what is there now
        library.add(place / "more.jsonl")
        assert library.papers() == papers(place / "library")


def overwritten(place):
    """Put another library's catalog into the very file, as `cp` does."""
    with opened(place / "new") as other:
        other.add(place / "other.jsonl")
    (place / "library" / "catalog.sqlite").write_bytes((place / "new" / "catalog.sqlite").read_bytes())
    return 6


def overwritten_by_an_older_state(place):
    (place / "library" / "catalog.sqlite").write_bytes((place / "older.sqlite").read_bytes())
    return 3


def without_log(place):
    for name in ("catalog.sqlite-wal", "catalog.sqlite-shm"):
        (place / "library" / name).unlink()
    return 5


@pytest.fixture
def reopened(place):
    """The library with everything in its one file, and an older state of that file."""
    restore(place / "backup.pincite", place / "library")
    (place / "older.sqlite").write_bytes((place / "library" / "catalog.sqlite").read_bytes())
    with opened(place / "library") as library:
        library.add(place / "two.jsonl")
    with opened(place / "library") as library:
        assert library.search(QUESTION)
        yield library


@pytest.mark.parametrize("way", [overwritten, overwritten_by_an_older_state])
def test_a_library_overwritten_in_its_file_is_read_anew_and_not_mixed_with_the_old_one(place, reopened, way):
    there = way(place)
    assert len(reopened.papers()) == there
    assert len(reopened.add(place / "more.jsonl").added) == 4
    reopened.repair()  # the index of an older state may have the same rows
    assert len(reopened) == there + 4
    assert reopened.papers() == papers(place / "library")


def test_a_change_that_nobody_else_would_find_is_not_acknowledged(place, reopened):
    def records():
        yield from invented_records(range(40, 140))
        without_log(place)
        yield from invented_records(range(140, 150))

    with pytest.raises(LibraryError):
        reopened.add_records(records(), "made up")


def test_a_log_deleted_under_an_open_library_loses_nothing_that_was_acknowledged(place, reopened):
    without_log(place)
    with pytest.raises(LibraryError, match="run the command again"):
        reopened.add(place / "more.jsonl")
    reopened.close()
    with opened(place / "library") as library:
        library.add(place / "more.jsonl")
    assert len(papers(place / "library")) == 9


def invented_records(numbers):
    for number in numbers:
        given = invented.record(number)
        yield Record(title=given["title"], abstract=given["abstract"], origin=Origin("made up", number))


def test_the_long_lived_library_of_a_chat_finds_what_another_process_restored(place):
    with opened(place / "library") as library:
        shelf = Shelf([library], place / "libraries", Config())
        assert len(shelf.get(None)) == 5
        command = [sys.executable, "-c", RESTORE, str(place / "backup.pincite"), str(place / "library")]
        subprocess.run(command, check=True, timeout=120)
        chosen = shelf.get(None)
        assert len(chosen) == 3
        assert chosen.search(QUESTION)
        chosen.add(place / "more.jsonl")
        found = subprocess.run(
            [sys.executable, "-c", COUNT, str(place / "library")],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert found.stdout.split() == ["7"]


RESTORE = (
    "import sys; from pathlib import Path; from rag.library.backup import restore; restore(*map(Path, sys.argv[1:]))"
)
COUNT = (
    "import sys, sqlite3; "
    "print(*sqlite3.connect(sys.argv[1] + '/catalog.sqlite').execute('SELECT count(*) FROM paper').fetchone())"
)


def test_readers_in_threads_meet_no_error_while_it_is_restored_again_and_again(place):
    failed, found = [], set()
    with opened(place / "library") as library:
        end = threading.Event()

        def read():
            while not end.is_set():
                try:
                    found.add(len(library.search(QUESTION)))
                    library.papers()
                except Exception as error:  # noqa: BLE001  whatever it is: the test shows it
                    failed.append(error)
                    return

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for _ in range(5):
            restored(place)
        end.set()
        for reader in readers:
            reader.join()
    assert (failed, found) == ([], found & {3, 5})


def test_a_library_is_there_while_one_catalog_takes_the_place_of_another(place):
    folder = place / "library"
    with opened(folder) as library:
        assert len(library) == 5
        # Between two of the renames of a restore, as a reader may find it.
        shutil.copy(place / "backup.pincite", folder / "catalog.restored.20260101T000000000000")
        (folder / "catalog.sqlite").rename(folder / "catalog-replaced-20260101T000000000000.sqlite")
        assert library.exists
        assert len(library) == 3
        assert (folder / "catalog.sqlite").exists()
