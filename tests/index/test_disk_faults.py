"""What goes wrong on real machines: full disks, folders that can't be written, torn files, several processes."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import invented
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.catalog.lock import writing
from rag.errors import LibraryError, PinciteError


@pytest.fixture
def filled(tmp_path, with_chroma):
    """A library of ten papers, closed; Chroma holds them."""
    with with_chroma(), Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(invented.write(tmp_path / "ten.jsonl", range(10)))
    return tmp_path / "library"


def open_library(folder):
    return Library.open(folder, embedder=CountingEmbedder())


def segment_file(folder, name):
    (segment,) = (path for path in (folder / "derived").iterdir() if path.is_dir())
    (found,) = segment.rglob(name)
    return found


@pytest.mark.parametrize(
    "name",
    ["vectors.f32", "header.bin", "length.bin", "data_level0.bin", "chroma.sqlite3", "terms.json", "first.npy",
     "papers.npy", "manifest.json"],
)  # fmt: skip
@pytest.mark.parametrize("damage", ["cut", "garbled", "gone"])
def test_any_damaged_file_of_the_index_is_noticed_and_repaired(filled, name, damage):
    with open_library(filled) as library:
        expected = library.search("barley on clay")
    file = segment_file(filled, name)
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2] if damage == "cut" else os.urandom(len(content)))
    with open_library(filled) as library:
        assert library.search("barley on clay") == expected
        assert not [f for f in library.examine().findings if not f.ok]


def test_a_running_reader_notices_that_its_index_was_deleted(filled, caplog):
    with open_library(filled) as library:
        expected = library.search("oats")
        shutil.rmtree(filled / "derived")
        assert library.search("oats") == expected
    assert "rebuilding it" in caplog.text


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_catalog_is_refused_with_cause_and_fix(filled, share):
    catalog = filled / "catalog.sqlite"
    content = catalog.read_bytes()
    catalog.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(LibraryError, match=r"damaged.*restore"):
        use_all(filled)


def test_a_locked_catalog_is_reported_as_busy(filled, monkeypatch):
    with open_library(filled) as library:
        library._disk().catalog()._db.run("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(filled / "catalog.sqlite", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LibraryError, match="another process is writing"):
            library.add(invented.write(filled.parent / "more.jsonl", range(10, 12)))
        other.close()


def test_a_file_size_limit_stops_an_add_with_a_clear_error_and_nothing_is_lost(filled, tmp_path):
    more = invented.write(tmp_path / "more.jsonl", range(10, 400))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from counting import CountingEmbedder\nfrom rag import Library\nfrom rag.errors import PinciteError\n"
        "try:\n    Library.open(sys.argv[2], embedder=CountingEmbedder()).add(sys.argv[3])\n"
        "except PinciteError as error:\n    print(error); sys.exit(3)\n"
    )
    here = Path(__file__).parents[1] / "library"

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [sys.executable, "-c", code, here, filled, more],
        preexec_fn=limited,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 3, done.stderr
    assert "disk" in done.stdout
    check_nothing_lost(filled, more)


@pytest.mark.root
@pytest.mark.parametrize("free", [1, 3, 6])
def test_a_full_disk_stops_an_add_with_a_clear_error_and_nothing_is_lost(tmp_path, free):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={free}m", "tmpfs", disk], check=True)
    try:
        more = invented.write(tmp_path / "more.jsonl", range(4_000))
        with pytest.raises(PinciteError, match="disk"), open_library(disk / "library") as library:
            library.add(more)
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        with open_library(disk / "library") as library:
            library.add(more)
            assert len(library.papers()) == 4_000
            assert library.search("barley")
            library.close()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.root
def test_a_read_only_library_is_searched_and_refuses_an_add(filled, tmp_path):
    with open_library(filled) as library:
        expected = library.search("barley on clay")
    subprocess.run(["mount", "--bind", filled, filled], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", filled], check=True)
        with open_library(filled) as library:
            assert [h.paper for h in library.search("barley on clay")] == [h.paper for h in expected]
            with pytest.raises(LibraryError, match=r"can't be written.*writable"):
                library.add(invented.write(tmp_path / "more.jsonl", range(10, 12)))
    finally:
        subprocess.run(["umount", "-l", filled], check=True)


def test_two_adds_at_once_end_with_both_or_a_named_refusal(filled, tmp_path):
    files = [invented.write(tmp_path / f"{n}.jsonl", range(10 + 100 * n, 110 + 100 * n)) for n in range(2)]
    outcomes = []

    def add(file):
        try:
            with open_library(filled) as library:
                outcomes.append(len(library.add(file).added))
        except LibraryError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=add, args=(file,), daemon=True) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(o == 100 or "wait until it has finished" in o for o in outcomes)
    for file in files:
        with open_library(filled) as library:
            library.add(file)
    with open_library(filled) as library:
        assert len(library) == 210
        assert not [f for f in library.examine().findings if not f.ok]


def test_a_reader_continues_through_adds_and_never_sees_half_of_one(filled, tmp_path):
    stop = threading.Event()
    seen, errors = set(), []

    def read():
        with open_library(filled) as reader:
            while not stop.is_set():
                try:
                    seen.add(len(reader.search("plot", k=1000)))
                except PinciteError as error:
                    errors.append(error)

    readers = [threading.Thread(target=read, daemon=True) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        with open_library(filled) as writer:
            for n in range(1, 5):
                writer.add(invented.write(tmp_path / f"{n}.jsonl", range(10 * n, 10 * n + 10)))
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not errors
    assert seen <= {10, 20, 30, 40, 50}
    with open_library(filled) as library:
        assert len(library.search("plot", k=1000)) == 50


def test_a_writer_elsewhere_leaves_searching_possible_while_the_index_is_stale(filled, tmp_path):
    with open_library(filled) as library:
        with library._disk().catalog().transaction():
            library._disk().catalog().set_meta("touched", "1")
        with writing(filled):
            assert library.search("barley")


def use_all(folder):
    with open_library(folder) as library:
        library.papers()
        library.search("barley")
        library.add(folder.parent / "ten.jsonl")


def check_nothing_lost(folder, more):
    with open_library(folder) as library:
        held = len(library)
        assert held >= 10
        assert library.search("barley")
        library.add(more)
        assert len(library) == 400
        assert not [f for f in library.examine().findings if not f.ok]
