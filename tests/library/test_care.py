"""doctor, backup, restore, stats, and libraries of other formats."""

import json
import sqlite3
import threading

import invented
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.catalog import schema
from rag.errors import LibraryDamagedError, LibraryError
from rag.library.backup import restore
from rag.serialization import to_json


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(invented.write(tmp_path / "papers.jsonl", range(30)))
        yield library


def wrong(examination):
    return {finding.check for finding in examination.findings if not finding.ok}


def test_a_healthy_library_has_no_finding_and_the_report_no_secret(library):
    examination = library.examine()
    assert not wrong(examination)
    reported = json.dumps(to_json(examination))
    for secret in (str(library.folder), "Field trial", "title:", "Gardener", "papers.jsonl"):
        assert secret not in reported


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE paper SET sentences = '[[0, 9999]]' WHERE row = 3", {"offsets", "windows"}),
        ("UPDATE paper SET sentences = '[]' WHERE row = 3", {"offsets"}),
        ("DELETE FROM window WHERE paper = 3", {"windows", "segment 1"}),
        ("UPDATE window SET vector = zeroblob(128) WHERE paper = 3", {"vectors", "segment 1"}),
        ("UPDATE paper SET revision = revision + 1 WHERE row = 3", {"index against catalog"}),
        ("INSERT INTO window (paper, start, end, vector) VALUES (999, 0, 1, zeroblob(128))", {"catalog file"}),
        ("UPDATE paper SET abstract = replace(abstract, 'more', 'less') WHERE row = 3", {"records"}),
        ("UPDATE paper SET title = 'Another' WHERE row = 3", {"records"}),
        ("UPDATE paper SET year = 1900 WHERE row = 3", {"records"}),
    ],
)
def test_trouble_in_the_catalog_is_named_and_repaired(library, damage, found):
    before = library.papers(), library._disk().catalog().sentences()
    library._disk().catalog()._db.run("PRAGMA foreign_keys = OFF")
    library._disk().catalog()._db.run(damage)
    assert wrong(library.examine()) == found
    assert wrong(library.repair()) == found & {"catalog file"}
    assert (library.papers(), library._disk().catalog().sentences()) == before


def test_an_index_that_answers_wrongly_is_found_and_rebuilt(library):
    expected = library.search("barley on clay")
    # As if an older program had written the vectors: whole files, other content.
    catalog = library._disk().catalog()
    catalog._db.run("UPDATE window SET vector = (SELECT vector FROM window WHERE row = 1) WHERE row = 2")
    with catalog.transaction():
        catalog._db.run("UPDATE paper SET revision = revision WHERE row = 2")
    assert "segment 1" in wrong(library.examine())
    assert not wrong(library.repair())
    assert len(library.search("barley on clay")) == len(expected)


@pytest.mark.parametrize("papers", [1, 2])
def test_looking_at_a_small_library_again_and_again_changes_nothing(tmp_path, papers):
    with Library.open(tmp_path / "small", embedder=CountingEmbedder()) as small:
        small.add(invented.write(tmp_path / "small.jsonl", range(papers)))
        for _ in range(3):
            assert small.examine().healthy
        small.close()
        assert small.examine().healthy


def test_a_backup_taken_while_others_write_comes_back_whole(library, tmp_path):
    started = threading.Event()

    def write():
        with Library.open(library.folder, embedder=CountingEmbedder()) as writer:
            for n in range(3, 8):
                writer.add(invented.write(tmp_path / f"{n}.jsonl", range(10 * n, 10 * n + 10)))
                started.set()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    started.wait(30)
    library.backup(tmp_path / "backup.pincite")
    thread.join()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("backup")] == ["backup.pincite"]
    restore(tmp_path / "backup.pincite", tmp_path / "restored")
    embedder = CountingEmbedder()
    with Library.open(tmp_path / "restored", embedder=embedder) as restored:
        assert 30 < len(restored) <= 80
        assert set(restored.papers()) <= set(library.papers())
        assert restored.search("barley")
        assert not wrong(restored.examine())
        assert embedder.embedded < 50  # the question and the sentences shown, no window


def test_restoring_over_a_damaged_library_keeps_the_damaged_file(library, tmp_path):
    expected = library.papers()
    library.backup(tmp_path / "backup.pincite")
    library.close()
    (library.folder / "catalog.sqlite").write_bytes(b"ruined" * 1000)
    kept = restore(tmp_path / "backup.pincite", library.folder)
    assert kept.read_bytes().startswith(b"ruined")
    assert library.papers() == expected


def test_a_correction_of_the_user_is_not_damage(library):
    library.edit(library.papers()[2].id, title="As it should be", abstract="Barley likes clay. So we say.")
    assert not wrong(library.examine())


def test_a_restored_library_is_whole_at_once_and_says_nothing_of_damage(library, tmp_path, caplog):
    library.backup(tmp_path / "backup.pincite")
    restore(tmp_path / "backup.pincite", tmp_path / "restored")
    with Library.open(tmp_path / "restored", embedder=CountingEmbedder()) as restored:
        assert not wrong(restored.examine())
        assert restored.search("barley")
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("part", "reported"),
    [
        (slice(20_000), "is cut short, 20,000 of"),
        (slice(4096, None), "if a backup was split, join its parts"),
        (slice(10), "isn.t a backup"),
    ],
)
def test_a_part_of_a_backup_is_distinguished_from_a_damaged_library(library, tmp_path, part, reported):
    library.backup(tmp_path / "backup.pincite")
    (tmp_path / "part").write_bytes((tmp_path / "backup.pincite").read_bytes()[part])
    with pytest.raises(LibraryError, match=reported) as raised:
        restore(tmp_path / "part", tmp_path / "restored")
    assert "pincite restore" not in str(raised.value)
    assert not (tmp_path / "restored").exists()


def test_a_backup_with_a_damaged_page_is_refused(library, tmp_path):
    file = tmp_path / "backup.pincite"
    library.backup(file)
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"ruined" * 500 + whole[11192:])
    with pytest.raises(LibraryError, match=r"is damaged .*another backup"):
        restore(file, tmp_path / "restored")


def test_a_restore_that_fails_leaves_nothing_in_the_way_of_the_next(library, tmp_path, monkeypatch):
    library.backup(tmp_path / "backup.pincite")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "NEW_LINEAGE", "no SQL at all;")
        with pytest.raises(LibraryError):
            restore(tmp_path / "backup.pincite", tmp_path / "restored")
    assert not (tmp_path / "restored" / "catalog.restored").exists()
    (tmp_path / "restored" / "catalog.restored").write_bytes(b"of a restore that was killed")
    restore(tmp_path / "backup.pincite", tmp_path / "restored")
    with Library.open(tmp_path / "restored", embedder=CountingEmbedder()) as restored:
        assert restored.examine().healthy


def test_a_backup_is_not_restored_among_other_files(library, tmp_path):
    library.backup(tmp_path / "backup.pincite")
    with pytest.raises(LibraryError, match="holds other files"):
        restore(tmp_path / "backup.pincite", tmp_path)
    assert not (tmp_path / "catalog.sqlite").exists()


def test_a_library_that_lost_its_catalog_is_reported_as_damaged_and_restored_in_place(library, tmp_path):
    expected = library.papers()
    library.backup(tmp_path / "backup.pincite")
    library.close()
    (library.folder / "catalog.sqlite").unlink()
    with pytest.raises(LibraryDamagedError, match=r"its catalog.sqlite is missing: restore it"):
        Library.open(library.folder, embedder=CountingEmbedder())
    restore(tmp_path / "backup.pincite", library.folder)
    with Library.open(library.folder, embedder=CountingEmbedder()) as restored:
        assert restored.papers() == expected
        assert restored.examine().healthy


def test_a_catalog_that_was_emptied_is_reported_as_damaged_not_as_new(library):
    library.close()
    (library.folder / "catalog.sqlite").write_bytes(b"")
    with pytest.raises(LibraryDamagedError, match="an index was built from it"):
        Library.open(library.folder, embedder=CountingEmbedder())


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, "another program"])
def test_a_file_that_is_not_a_backup_is_refused_before_anything_is_touched(library, tmp_path, content):
    file = tmp_path / "strange"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE recipe (name)")
        connection.close()
    expected = library.papers()
    with pytest.raises(LibraryError, match="strange"):
        restore(file, library.folder)
    assert library.papers() == expected


def test_statistics_count(library):
    counts = library.statistics()
    assert (counts.papers, counts.windows, counts.sentences, counts.segments) == (30, 30, 90, 1)
    assert (counts.first_year, counts.last_year, counts.retracted) == (1990, 2019, 0)
    assert counts.changes[0][1] == "add"


def test_an_older_format_is_migrated_and_a_copy_kept(library, caplog, monkeypatch):
    expected, found = library.papers(), library.search("barley on clay")
    library.close()
    # As a later Pincite would, whose tables have one more column.
    monkeypatch.setattr(schema, "FORMAT", 3)
    monkeypatch.setattr(schema, "MIGRATIONS", {2: "ALTER TABLE paper ADD COLUMN colour TEXT DEFAULT 'green';"})
    with Library.open(library.folder, embedder=CountingEmbedder()) as migrated:
        assert migrated.papers() == expected
        assert migrated._disk().catalog()._db.all("SELECT DISTINCT colour FROM paper") == [("green",)]
        assert migrated.search("barley on clay") == found
        assert not wrong(migrated.examine())
    assert "a copy is kept" in caplog.text
    monkeypatch.undo()
    with pytest.raises(LibraryError, match="newer Pincite"):
        library.papers()
    kept = sqlite3.connect(library.folder / "catalog-format-2.sqlite")
    assert kept.execute("PRAGMA user_version").fetchone() == (2,)
    assert kept.execute("SELECT count(*) FROM window").fetchone() == (30,)
    kept.close()


def test_a_migration_that_fails_leaves_the_library_as_it_was(library, monkeypatch):
    expected = library.papers()
    library.close()
    with monkeypatch.context() as later:
        later.setattr(schema, "FORMAT", 4)
        later.setattr(schema, "MIGRATIONS", {2: "ALTER TABLE paper ADD COLUMN colour TEXT;", 3: "DROP TABLE nowhere;"})
        with pytest.raises(LibraryError, match="nowhere"):
            library.papers()
    assert library.papers() == expected


def test_every_older_format_has_its_migration():
    assert sorted(schema.MIGRATIONS) == list(range(1, schema.FORMAT))


def test_an_index_of_another_catalog_is_not_believed(library, tmp_path):
    library.backup(tmp_path / "backup.pincite")
    library.add(invented.write(tmp_path / "more.jsonl", range(30, 35)))
    library.close()
    restore(tmp_path / "backup.pincite", library.folder)
    others = invented.write(tmp_path / "others.jsonl", range(70, 75))
    library.add(others)  # takes the rows, revisions and generation of the five that the restoring undid
    assert {int(h.paper.title.split()[2]) for h in library.search("trial", k=50)} == {*range(30), *range(70, 75)}
    assert not wrong(library.examine())
