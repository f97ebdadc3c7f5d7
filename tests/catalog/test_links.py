"""A link, a device or a pipe at any name of a library's folder: refused, and its target stays as it was."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import invented
import pytest
from counting import CountingEmbedder

from rag import Library, answer
from rag.config import Config
from rag.errors import LibraryError, PinciteError
from rag.library.backup import restore
from rag.models.chat import Reply

QUESTION = "what did barley on clay give?"
LEFT = "derived/00000000-left"
# What is there only for a moment, or after a process was killed.
PASSING = (
    "derived/CURRENT.new", LEFT, "catalog.restored", "catalog.restored-journal",
    "catalog-format-1.sqlite", "writer.json",
)  # fmt: skip
BESIDE = ("-wal", "-shm", "-journal")


class Parrot:
    """A language model that says one thing."""

    name, host = "parrot", "nowhere"

    def context(self, timeout):
        return 8_192

    def stream(self, messages, schema, timeout):
        yield '{"sentences": []}'
        yield Reply(complete=True, prompt_tokens=1, completion_tokens=1)


def ask(library):
    return answer(QUESTION, library=library, model=Parrot(), config=Config(model="extractive"))


@pytest.fixture(scope="module")
def place(tmp_path_factory, with_chroma):
    """A folder with a library that was searched and asked, a backup of it, and two files to add."""
    place = tmp_path_factory.mktemp("links")
    with with_chroma(), Library.open(place / "library", embedder=CountingEmbedder()) as library:
        library.add(invented.write(place / "one.jsonl", range(6)))
        library.search(QUESTION)
        ask(library)
        library.backup(place / "backup.pincite")
    (place / "library" / "replies.sqlite").touch()
    invented.write(place / "two.jsonl", range(6, 9))
    return place


def names(library):
    """Return every name that a library's folder holds at some time, at every depth."""
    there = sorted(str(path.relative_to(library)) for path in library.rglob("*"))
    databases = [name for name in there if name.endswith((".sqlite", ".sqlite3"))]
    beside = [name + ending for name in databases for ending in BESIDE]
    return list(dict.fromkeys([*there, *PASSING, *beside]))


def commands(place, folder):
    """Return everything that opens a library, each with a library of its own."""

    def opened(action):
        def run():
            with Library.open(folder, embedder=CountingEmbedder()) as library:
                action(library)

        return run

    return [
        opened(lambda library: library.search(QUESTION)),
        opened(ask),
        opened(lambda library: library.add(place / "two.jsonl")),
        opened(lambda library: library.remove(library.papers()[0].id)),
        opened(lambda library: library.edit(library.papers()[0].id, title="Another")),
        opened(lambda library: library.examine()),
        opened(lambda library: library.repair()),
        opened(lambda library: library.statistics()),
        opened(lambda library: library.backup(folder.parent / "saved.pincite")),
        lambda: restore(place / "backup.pincite", folder),
    ]


def state(folder):
    """Return everything in a folder, contents included."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() and not path.is_symlink() else path.is_dir()
        for path in sorted(folder.rglob("*"))
    }


def linked(there, target):
    there.symlink_to(target, target_is_directory=target.is_dir())


def dangling(there, target):
    there.symlink_to(target.with_name("made-through-a-link"))


def hard(there, target):
    os.link(target, there)


def pipe(there, target):
    os.mkfifo(there)


def plant(folder, outside, name, kind):
    """Put a link, or the like, in the place of a name; what was there is outside now, as whatever may be precious."""
    there, target = folder / name, outside / "precious"
    outside.mkdir()
    if there.exists():
        there.rename(target)
    elif name == LEFT:
        (target / "thesis").mkdir(parents=True)
        (target / "thesis" / "one.tex").write_text("mine", encoding="utf-8")
    else:
        target.write_text("mine", encoding="utf-8")
    kind(there, target)
    return there


def test_the_names_are_those_of_a_real_library(place):
    found = names(place / "library")
    wanted = {"catalog.sqlite", "sentences.sqlite", "replies.sqlite", ".lock", "derived", "derived/CURRENT"}
    assert wanted <= set(found)
    assert {Path(name).name for name in found} >= {"chroma.sqlite3", "manifest.json", "vectors.f32", "papers.npy"}


@pytest.mark.parametrize("kind", [linked, dangling, hard, pipe])
def test_nothing_outside_is_written_or_deleted_and_the_link_is_named(place, tmp_path, kind):
    for number, name in enumerate(names(place / "library")):
        here = tmp_path / str(number)
        shutil.copytree(place / "library", here / "library")
        if kind is hard and ((here / "library" / name).is_dir() or name == LEFT):
            continue  # a folder has no hard links
        there = plant(here / "library", here / "outside", name, kind)
        before = state(here / "outside")
        for command in commands(place, here / "library"):
            with suppress(PinciteError):
                try:
                    command()
                except LibraryError as error:
                    reported = str(error)
                    assert "\n" not in reported, name
                    assert str(there) in reported, (name, reported)
                    raise
            assert state(here / "outside") == before, (name, command)


def test_the_folder_itself_may_be_a_link(place, tmp_path):
    shutil.copytree(place / "library", tmp_path / "elsewhere")
    (tmp_path / "library").symlink_to(tmp_path / "elsewhere")
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(place / "two.jsonl")
        assert len(library.search(QUESTION)) == 9
        assert library.repair().healthy


def test_a_file_that_does_not_belong_to_a_library_may_be_a_link(place, tmp_path):
    shutil.copytree(place / "library", tmp_path / "library")
    (tmp_path / "library" / "notes").symlink_to(tmp_path)
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        assert len(library.add(place / "two.jsonl").added) == 3


@pytest.mark.parametrize("ending", BESIDE)
def test_a_backup_with_a_link_next_to_it_is_refused(place, tmp_path, ending):
    gift, precious = tmp_path / "gift.pincite", tmp_path / "precious"
    shutil.copy(place / "library" / "catalog.sqlite", gift)  # in the mode that has a log next to it
    precious.write_text("mine", encoding="utf-8")
    link = tmp_path / f"gift.pincite{ending}"
    link.symlink_to(precious)
    with pytest.raises(LibraryError, match=f"{link.name}: is a link"):
        restore(gift, tmp_path / "library")
    assert precious.read_text(encoding="utf-8") == "mine"


def test_a_backup_writes_through_no_link_that_waits_at_its_temporary_name(place, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine", encoding="utf-8")
    for name in (f"saved.pincite.{os.getpid()}.part", "saved.pincite"):
        (tmp_path / name).symlink_to(precious)
    with Library.open(place / "library", embedder=CountingEmbedder()) as library:
        library.backup(tmp_path / "saved.pincite")
    assert precious.read_text(encoding="utf-8") == "mine"
    restore(tmp_path / "saved.pincite", tmp_path / "copy")


def test_what_a_killed_backup_left_goes_with_the_next(place, tmp_path):
    gone = 4_000_000  # above the largest number that Linux gives to a process by default
    (tmp_path / f"saved.pincite.{gone}.part").write_text("left by an older version", encoding="utf-8")
    (tmp_path / f"saved.pincite.{gone}.abcdefgh.part").mkdir()
    (tmp_path / f"saved.pincite.{gone}.abcdefgh.part" / "copy").touch()
    kept = {f"saved.pincite.{os.getpid()}.part", f"saved.pincite.{gone}.my-part", "other.part"}
    for name in kept:
        (tmp_path / name).touch()
    with Library.open(place / "library", embedder=CountingEmbedder()) as library:
        library.backup(tmp_path / "saved.pincite")
    assert {path.name for path in tmp_path.iterdir()} == {"saved.pincite", *kept}
