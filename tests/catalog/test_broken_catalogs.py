"""Catalogs and indexes that are damaged or forged: refused in one line, set aside, or rebuilt. Never a traceback."""

import contextlib
import json
import pickle
import shutil
import sqlite3
import zlib

import invented
import numpy as np
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.errors import LibraryError, PinciteError
from rag.library.backup import restore

DEEP = "[" * 100_000 + "]" * 100_000
QUESTION = "barley on clay"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A closed library of twelve papers, its backup, and what it finds."""
    folder = tmp_path_factory.mktemp("made")
    with Library.open(folder / "library", embedder=CountingEmbedder()) as library:
        library.add(invented.write(folder / "papers.jsonl", range(12)))
        library.edit(library.papers()[7].id, title="As the user has it")
        library.backup(folder / "backup.pincite")
        found = [hit.paper.title for hit in library.search(QUESTION)]
    return folder, found


@pytest.fixture
def folder(made, tmp_path):
    shutil.copytree(made[0] / "library", tmp_path / "library")
    return tmp_path / "library"


def changed(file, sql, *values):
    """Change a catalog as another program would."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.create_function("deflated", 1, lambda text: zlib.compress(text.encode()))
    connection.create_function("bad_bit", 1, lambda content: content[:20] + b"\xff\xff" + content[22:])
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(sql, values)
    connection.close()


def opened(folder):
    return Library.open(folder, embedder=CountingEmbedder())


def use(folder):
    """Search and read as a user does; return the one-line errors."""
    reported = []
    for step in (
        lambda library: library.search(QUESTION),
        lambda library: library.search(QUESTION, year="1990..2030", venue="x", exclude=["doi:10.1/x"]),
        lambda library: library.papers(),
        lambda library: library.merges(),
        lambda library: library.statistics(),
        lambda library: library.backup(folder.parent / "again.pincite"),
    ):
        try:
            with opened(folder) as library:
                step(library)
        except PinciteError as error:
            reported.append(str(error))
    assert not [line for line in reported if "\n" in line or len(line) > 1_000]
    return reported


DAMAGES = {
    **{
        f"{column} {name}": (f"UPDATE paper SET {column} = ? WHERE row = 3", value)
        for column in ("fields", "sentences")
        for name, value in (("no JSON", "{no"), ("other JSON", '"text"'), ("null", "null"), ("deep", DEEP),
                            ("of other types", '{"authors": 7}' if column == "fields" else '[["a", 1]]'))
    },
    "abstract a BLOB": ("UPDATE paper SET abstract = ? WHERE row = 3", b"\xff\x00"),
    "half a character": ("UPDATE paper SET fields = ? WHERE row = 3", '{"venue": "\\ud800"}'),
    "text that is no UTF-8": ("UPDATE paper SET abstract = CAST(? AS TEXT) WHERE row = 3", b"Barley \xff\xfe"),
    "year as text": ("UPDATE paper SET year = ? WHERE row = 3", "nineteen"),
    "generation no number": ("UPDATE meta SET value = ? WHERE key = 'generation'", "many"),
    "vectors of 1 byte": ("UPDATE window SET vector = ?", b"x"),
    "vectors of two lengths": ("UPDATE window SET vector = ? WHERE paper = 3", b"x" * 64),
    "a bad bit in a record": ("UPDATE record SET content = bad_bit(content) WHERE row = 3 AND ? IS NULL", None),
    "a record of other JSON": ("UPDATE record SET content = deflated(?) WHERE row = 3", "[1, 2]"),
    "a record that bursts": ("UPDATE record SET content = ? WHERE row = 3", zlib.compress(bytes(100 << 20))),
    "a correction of other JSON": ("UPDATE correction SET sections = ?", "{}"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_row_is_named_by_doctor_and_set_aside_with_nothing_lost(made, folder, damage):
    changed(folder / "catalog.sqlite", *DAMAGES[damage])
    shutil.rmtree(folder / "derived")  # so that searching reads what is damaged
    use(folder)
    with opened(folder) as library:
        before = library.examine()
        assert "rows" in {finding.check for finding in before.findings if not finding.ok}
        after = library.repair()
        assert after.healthy, after.findings
        assert len(library) == 12
        assert len(library.search(QUESTION)) == len(made[1])
    (kept,) = folder.glob("catalog-damaged-*.jsonl")
    assert all({"table", "damage", "row"} == set(json.loads(line)) for line in kept.read_text().splitlines())
    assert not use(folder)


def test_a_paper_whose_only_record_is_damaged_keeps_what_it_says(folder):
    with opened(folder) as library:
        expected = library.papers()
    changed(folder / "catalog.sqlite", "UPDATE record SET content = zeroblob(9)")
    with opened(folder) as library:
        assert library.repair().healthy
        assert [paper.abstract for paper in library.papers()] == [paper.abstract for paper in expected]
        assert [paper.origins for paper in library.papers()] == [paper.origins for paper in expected]


SCHEMES = {
    "an endless view": "DROP TABLE apart; CREATE VIEW apart AS WITH RECURSIVE n(one, other) AS "
    "(SELECT 'a', 'b' UNION ALL SELECT one, other FROM n) SELECT * FROM n",
    "a trigger": "CREATE TRIGGER evil AFTER INSERT ON record BEGIN UPDATE paper SET abstract = 'Pwned.'; END",
    "a virtual table": "CREATE VIRTUAL TABLE stolen USING fts5(text)",
    "a table more": "CREATE TABLE more (text)",
    "an index on an expression": "CREATE INDEX costly ON paper (length(hex(zeroblob(1000000))))",
    "a column more": "ALTER TABLE paper ADD COLUMN colour",
    "a table less": "DROP TABLE correction",
    "format 0": "PRAGMA user_version = 0",
    "a format below 0": "PRAGMA user_version = -7",
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_catalog_of_another_shape_is_refused_in_one_line_before_anything_is_run(made, folder, tmp_path, scheme):
    shutil.copy(made[0] / "backup.pincite", tmp_path / "gift.pincite")
    for file in (tmp_path / "gift.pincite", folder / "catalog.sqlite"):
        connection = sqlite3.connect(file)
        connection.executescript(SCHEMES[scheme])
        connection.close()
    for use_it in (lambda: restore(tmp_path / "gift.pincite", tmp_path / "restored"), lambda: opened(folder)):
        with pytest.raises(
            LibraryError, match=r"that Pincite didn't create|has no|which no version of Pincite writes"
        ) as raised:
            use_it()
        assert "\n" not in str(raised.value)
    assert not (tmp_path / "restored").exists()
    assert not list(folder.glob("catalog-format-*"))


def test_a_backup_that_does_not_fit_the_disk_is_refused(made, tmp_path, monkeypatch):
    full = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(LibraryError, match="100 are free"):
        restore(made[0] / "backup.pincite", tmp_path / "restored")


def test_a_backup_with_a_damaged_row_is_restored_and_the_row_set_aside(made, tmp_path, caplog):
    shutil.copy(made[0] / "backup.pincite", tmp_path / "old.pincite")
    changed(tmp_path / "old.pincite", "UPDATE window SET vector = x'00'")
    restore(tmp_path / "old.pincite", tmp_path / "restored")
    assert "damaged rows" in caplog.text
    with opened(tmp_path / "restored") as library:
        assert library.repair().healthy
        assert len(library.search(QUESTION)) == len(made[1])


# --- every column of every table ---

VALUES = {
    "NULL": None, "a text": "strange", "a BLOB": b"\xff\x00\xfe", "a huge number": 2**62, "below 0": -1,
    "a fraction": 0.5, "deep JSON": DEEP, "an object": '{"a": [null]}',
}  # fmt: skip
COLUMNS = {
    "meta": ("value",), "paper": ("id", "title", "abstract", "year", "fields", "sentences", "revision"),
    "identity": ("kind", "value", "paper"), "record": ("paper", "digest", "file", "position", "content"),
    "correction": ("title", "abstract", "sections"), "window": ("paper", "start", "end", "vector"),
    "ledger": ("at", "action", "detail"),
}  # fmt: skip


@pytest.mark.parametrize("column", [f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns])
def test_any_value_in_any_column_ends_in_one_line_or_works(made, tmp_path, column):
    table, name = column.split(".")
    for number, value in enumerate(VALUES.values()):
        folder = tmp_path / str(number)
        shutil.copytree(made[0] / "library", folder)
        try:
            changed(folder / "catalog.sqlite", f"UPDATE OR IGNORE {table} SET {name} = ?", value)
        except sqlite3.IntegrityError:
            continue  # SQLite itself takes no such value there
        if number % 2:
            shutil.rmtree(folder / "derived")
        use(folder)
        for care in (Library.examine, Library.repair):
            with contextlib.suppress(PinciteError), opened(folder) as library:
                care(library)
        shutil.rmtree(folder)


# --- derived files whose checksums agree ---


def in_use(folder):
    """The one segment that searches read."""
    (reported,) = json.loads((folder / "derived" / "CURRENT").read_text())["segments"]
    return folder / "derived" / reported["name"]


def sealed(segment):
    """Write a manifest that agrees with the files, as whoever made them on purpose would."""
    manifest = json.loads((segment / "manifest.json").read_text())
    for name in manifest["files"]:
        content = (segment / name).read_bytes()
        manifest["files"][name] = [len(content), zlib.crc32(content)]
    (segment / "manifest.json").write_text(json.dumps(manifest))


def header(shape):
    """The header of a .npy file of this shape, without the numbers."""
    reported = str({"descr": "<i8", "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(reported).to_bytes(2, "little") + reported


def twice(segment):
    rows = np.load(segment / "papers.npy")
    rows[1] = rows[0]
    np.save(segment / "papers.npy", rows)


ARRAYS = ("papers.npy", "first.npy", "lexical/starts.npy", "lexical/holders.npy", "lexical/counts.npy",
          "lexical/lengths.npy")  # fmt: skip
FORGED = {
    **{f"{name} pickled": (name, pickle.dumps([1, 2])) for name in ARRAYS},
    **{f"{name} garbage": (name, b"garbage" * 9) for name in ARRAYS},
    **{f"{name} empty": (name, b"") for name in ARRAYS},
    **{f"{name} zipped": (name, b"PK\x03\x04" + bytes(40)) for name in ARRAYS},
    **{f"{name} 7 TiB": (name, header((10**12,)) + bytes(8)) for name in ARRAYS},
    **{f"{name} short": (name, header((2,)) + bytes(16)) for name in ARRAYS},
    "terms nested": ("lexical/terms.json", DEEP.encode()),
    "terms of numbers": ("lexical/terms.json", b"[1, 2, 3]"),
    "terms an object": ("lexical/terms.json", b"{}"),
    "one paper twice": twice,
}


def rebuilt(made, folder, caplog):
    with opened(folder) as library:
        library.examine()
    with opened(folder) as library:
        assert [hit.paper.title for hit in library.search(QUESTION)] == made[1]
        assert library.search("oats", year="1990..2030")
        assert library.examine().healthy
    assert "rebuilding it" in caplog.text


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_file_of_the_index_is_rebuilt(made, folder, caplog, forged):
    segment = in_use(folder)
    if callable(FORGED[forged]):
        FORGED[forged](segment)
    else:
        name, content = FORGED[forged]
        (segment / name).write_bytes(content)
    sealed(segment)
    rebuilt(made, folder, caplog)


MANIFESTS = {
    "dimension": {"dimension": 7}, "dimension below 0": {"dimension": -32}, "windows": {"windows": 10**12},
    "papers": {"papers": 10**15}, "papers a text": {"papers": "many"}, "windows null": {"windows": None},
    "files none": {"files": {}}, "files a list": {"files": []}, "a device": {"files": {"/dev/zero": [0, 0]}},
    "outside": {"files": {"../../catalog.sqlite": [1, 1]}},
}  # fmt: skip


@pytest.mark.parametrize("reported", MANIFESTS)
def test_a_forged_manifest_is_rebuilt(made, folder, caplog, reported):
    segment = in_use(folder)
    manifest = json.loads((segment / "manifest.json").read_text())
    forged = dict(MANIFESTS[reported])
    if forged.get("files"):
        forged["files"] = manifest["files"] | forged["files"]
    (segment / "manifest.json").write_text(json.dumps(manifest | forged))
    rebuilt(made, folder, caplog)


CURRENTS = {
    "gone beyond": lambda plain: plain["segments"][0].update(gone=[10**9]),
    "gone below 0": lambda plain: plain["segments"][0].update(gone=[-1]),
    "gone of texts": lambda plain: plain["segments"][0].update(gone=["a"]),
    "gone twice": lambda plain: plain["segments"][0].update(gone=[1, 1]),
    "papers": lambda plain: plain["segments"][0].update(papers=10**9),
    "one segment three times": lambda plain: plain.update(segments=plain["segments"] * 3),
    "a name that is none": lambda plain: plain["segments"][0].update(name=["x"]),
    "generation": lambda plain: plain.update(generation=[]),
}


@pytest.mark.parametrize("reported", [*CURRENTS, "nested", "a list", "no UTF-8"])
def test_a_forged_list_of_segments_is_rebuilt(made, folder, caplog, reported):
    current = folder / "derived" / "CURRENT"
    if reported in CURRENTS:
        plain = json.loads(current.read_text())
        CURRENTS[reported](plain)
        current.write_text(json.dumps(plain))
    else:
        current.write_bytes({"nested": DEEP.encode(), "a list": b"[]", "no UTF-8": b"\xff\xfe"}[reported])
    rebuilt(made, folder, caplog)
