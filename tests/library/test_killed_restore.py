"""A restore that is killed after any of its steps: the library is wholly the old one or wholly the new one."""

import json
import shutil
import signal
import subprocess
import sys

import invented
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.errors import LibraryError
from rag.library import backup, catalog_swap, named_indexes

# Forks a child for each line on standard input, which restores a backup and kills itself after its step of that
# number; prints how the child ended. The steps are every call by which Python changes or flushes a file.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from rag.index import builds
from rag.library.backup import restore

def watched(call, number):
    def step(*arguments, **options):
        mine = next(count)
        try:
            return call(*arguments, **options)
        finally:
            if mine == number:
                os.kill(os.getpid(), signal.SIGKILL)
    return step

for line in sys.stdin:
    file, folder, number = json.loads(line)
    child = os.fork()
    if not child:
        count = iter(range(10**6))
        builds.rebuild = lambda *_: os._exit(0)  # test_kills.py kills a restore there
        for name in ("replace", "rename", "unlink", "rmdir", "mkdir", "fsync"):
            setattr(os, name, watched(getattr(os, name), number))
        try:
            restore(Path(file), Path(folder))
            os._exit(0)
        finally:
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def opened(folder):
    return Library.open(folder, embedder=CountingEmbedder())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A backup of three papers, and a library of eight, the last of them in its journal alone."""
    folder = tmp_path_factory.mktemp("restored")
    with opened(folder / "library") as library:
        library.add(invented.write(folder / "three.jsonl", range(3)))
        library.backup(folder / "backup.pincite")
        library.add(invented.write(folder / "five.jsonl", range(3, 8)))
        shutil.copytree(folder / "library", folder / "template")
    assert (folder / "template" / "catalog.sqlite-wal").stat().st_size
    invented.write(folder / "more.jsonl", range(20, 22))
    return folder


@pytest.fixture(scope="module")
def killed_at(place):
    """Restore into a folder, killed at a step; return the exit code."""
    program = [sys.executable, "-c", KILLED]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=place) as process:

        def run(folder, number):
            process.stdin.write(json.dumps([str(place / "backup.pincite"), str(folder), number]) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield run


def titles(library):
    return sorted(paper.title for paper in library.papers())


def whole(library):
    """Return how many papers a library shows, everywhere the same and healthy."""
    assert len(library.search("barley", k=100)) == len(library) == len(titles(library))
    assert library.examine().healthy
    return len(library)


@pytest.mark.kills
def test_a_restore_killed_at_any_step_leaves_the_old_library_or_the_new_one(place, killed_at, tmp_path):
    seen = []
    for number in range(200):
        folder = tmp_path / str(number)
        shutil.copytree(place / "template", folder)
        with opened(folder) as reader:  # a chat that runs on
            assert len(reader) == 8
            status = killed_at(folder, number)
            with opened(folder) as library:
                seen.append(whole(library))
                assert whole(reader) == seen[-1]
                assert len(library.add(place / "more.jsonl").added) == 2
                assert titles(reader) == titles(library)
        if seen[-1] == 3:  # the old one is kept, with what only its journal held
            (kept,) = folder.glob("catalog-replaced-*.sqlite")
        with opened(folder) as library:
            assert whole(library) == seen[-1] + 2
        assert list(folder.glob("catalog.restored*")) == []
        if seen[-1] == 3:
            in_its_place = tmp_path / f"old {number}"
            in_its_place.mkdir()
            for file in folder.glob(f"{kept.name}*"):
                file.rename(in_its_place / file.name.replace(kept.name, "catalog.sqlite"))
            with opened(in_its_place) as library:
                assert len(library) == 8
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert status == 0
    assert sorted(seen, reverse=True) == seen  # once it is the new one, it stays the new one
    assert set(seen) == {3, 8}


def test_a_library_that_was_not_there_is_restored_or_still_not_there(place, killed_at, tmp_path):
    sizes = set()
    for number in range(200):
        folder = tmp_path / str(number)
        status = killed_at(folder, number)
        with opened(folder) as library:
            sizes.add(len(library))
            assert len(library.add(place / "more.jsonl").added) == 2
            whole(library)
        if status == 0:
            break
    assert sizes == {0, 3}


def test_a_reader_waits_for_a_restore_that_is_between_two_steps(place, tmp_path, monkeypatch):
    """The running one holds the lock, and nobody else finishes its work."""
    shutil.copytree(place / "template", tmp_path / "library")
    seen = []
    finish = catalog_swap.finish

    def paused(folder):
        if list(folder.glob("catalog.restored.*")):
            monkeypatch.setattr(catalog_swap, "_SECONDS", 0.05)
            with pytest.raises(LibraryError, match="is restoring this library: wait until it has finished"):
                opened(folder)
            seen.append(folder)
        return finish(folder)

    monkeypatch.setattr(catalog_swap, "finish", paused)
    backup.restore(place / "backup.pincite", tmp_path / "library")
    assert len(seen) == 1
    with opened(tmp_path / "library") as library:
        assert whole(library) == 3


def test_a_restore_that_fails_leaves_the_named_index_of_the_library_that_is_there(place, tmp_path, monkeypatch):
    shutil.copytree(place / "template", tmp_path / "library")
    named_indexes.name_index(tmp_path / "library", "http://127.0.0.1:9/papers")
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(1, 1, 0))
    with pytest.raises(LibraryError, match="0 are free"):
        backup.restore(place / "backup.pincite", tmp_path / "library")
    assert named_indexes.named_index(tmp_path / "library") == "http://127.0.0.1:9/papers"
