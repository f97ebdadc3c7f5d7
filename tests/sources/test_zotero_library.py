"""A library that follows Zotero: by its local API while it is open, from its database while it is closed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from counting import CountingEmbedder
from zotero_on_loopback import ABSTRACTS, Zotero, item

from rag import Library
from rag.errors import FetchError, InputError, SourceError
from rag.sources import zotero_api
from rag.sources.zotero_library import read_zotero
from rag.types import Record


@pytest.fixture
def zotero() -> Zotero:
    return Zotero()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    with Library(tmp_path / "library", embedder=CountingEmbedder()) as opened:
        yield opened


def read(zotero: Zotero) -> tuple:
    with zotero.serve() as address:
        return read_zotero(address).records


def synced(library: Library, zotero: Zotero):
    return library.sync_records(read(zotero), "Zotero library")


def test_items_are_read_with_their_collections_and_tags_over_many_pages(zotero: Zotero) -> None:
    barley, roofs, cats = read(zotero)
    assert (barley.title, barley.abstract, barley.doi) == (
        "Water and barley in a dry spring", ABSTRACTS[0], "10.1234/barley",
    )  # fmt: skip
    assert (barley.authors, barley.groups, barley.year) == (("Fell, Ada", "Barley Group"), ("Barley Group",), 2020)
    assert (barley.collections, barley.keywords) == (("Soil/Tillage",), ("cereals", "water"))
    assert (roofs.collections, cats.collections) == (("Roofs", "Soil"), ())
    assert len({record.origin.position for record in (barley, roofs, cats)}) == 3


def test_the_address_may_lack_the_path_of_the_api(zotero: Zotero) -> None:
    with zotero.serve() as address:
        host = address.removesuffix("/").removesuffix("/api")
        for written in (host, f"{host}/", f"{host}/api", f"{host}/api/"):
            assert len(read_zotero(written).records) == 3


def test_the_database_gives_the_very_records_that_the_api_gives(zotero: Zotero, tmp_path: Path) -> None:
    folder = zotero.write(tmp_path / "Zotero")
    before = (folder / "zotero.sqlite").stat()
    assert read_zotero(str(folder)).records == read(zotero)
    after = (folder / "zotero.sqlite").stat()
    assert (after.st_mtime_ns, [path.name for path in folder.iterdir()]) == (before.st_mtime_ns, ["zotero.sqlite"])


def test_what_is_in_zoteros_bin_or_in_another_library_is_left_out(zotero: Zotero, tmp_path: Path) -> None:
    folder = zotero.write(tmp_path / "Zotero")
    with closing(sqlite3.connect(folder / "zotero.sqlite")) as database, database:
        database.execute("INSERT INTO deletedItems VALUES (1)")
        database.execute("INSERT INTO deletedCollections VALUES (3)")
        database.execute("UPDATE items SET libraryID = 3 WHERE key = 'CATCATCA'")
    (roofs,) = read_zotero(str(folder)).records
    assert (roofs.title, roofs.collections) == ("Tin roofs in hail", ("Soil",))
    (cats,) = read_zotero(str(folder), group=7).records
    assert (cats.title, cats.origin.file) == ("Rest in barn cats over a winter", "Zotero group 7")
    with pytest.raises(SourceError, match="no group 8"):
        read_zotero(str(folder), group=8)


def test_a_second_sync_changes_nothing_and_embeds_nothing(library: Library, zotero: Zotero, tmp_path: Path) -> None:
    assert len(synced(library, zotero).added) == 3
    before = library.fingerprint
    again = library.sync_records(read_zotero(str(zotero.write(tmp_path / "Zotero"))).records, "Zotero library")
    assert (len(again.unchanged), again.embedded, again.removed, library.fingerprint) == (3, 0, (), before)


def test_a_new_tag_or_collection_changes_the_paper_and_embeds_nothing(library: Library, zotero: Zotero) -> None:
    synced(library, zotero)
    zotero.items[0] |= {"tags": [{"tag": "drought"}], "collections": ["ROOFROOF"]}
    report = synced(library, zotero)
    assert (len(report.updated), len(report.unchanged), report.embedded) == (1, 2, 0)
    paper = library.get("10.1234/barley")
    assert (paper.keywords, paper.collections, len(paper.origins)) == (("drought",), ("Roofs",), 1)
    assert next(hit.paper_id for hit in library.search("dry spring", source="roofs")) == paper.id
    assert paper.id not in [hit.paper_id for hit in library.search("dry spring", source="tillage")]


def test_a_corrected_title_stays_the_same_paper(library: Library, zotero: Zotero) -> None:
    synced(library, zotero)
    roofs = next(paper.id for paper in library.papers() if paper.title.startswith("Tin"))
    zotero.items.insert(0, item("NEWNEWNE", "Eels in cold rivers", "Eels rest in cold rivers. They hunt at night."))
    zotero.items[2]["title"] = "Sheets of tin under hailstones"
    report = synced(library, zotero)
    assert (library.get(roofs).title, report.removed, report.kept) == ("Sheets of tin under hailstones", (), ())
    assert (len(library), len(report.added)) == (4, 1)


def test_what_is_deleted_in_zotero_goes_unless_another_file_has_it(library: Library, zotero: Zotero) -> None:
    synced(library, zotero)
    library.add_records([{"title": "Rest in barn cats over a winter", "abstract": ABSTRACTS[2], "doi": "10.1234/cats"}])
    library.add_records([{"title": "Frost on rye", "abstract": "Rye stands frost. It was counted in ten fields."}])
    gone = library.get("10.1234/barley").id
    zotero.items = zotero.items[1:2]
    report = synced(library, zotero)
    assert report.removed == (gone,)
    assert report.kept == (library.get("10.1234/cats").id,)
    assert {paper.title for paper in library.papers()} == {
        "Tin roofs in hail", "Rest in barn cats over a winter", "Frost on rye",
    }  # fmt: skip
    assert library.get("10.1234/cats").collections == ()
    assert library.examine().healthy
    assert not [hit for hit in library.search("barley plots in a dry spring") if hit.paper_id == gone]


def test_a_retraction_that_is_deleted_marks_no_paper_any_more(library: Library, zotero: Zotero) -> None:
    title = "Retraction: Water and barley in a dry spring"
    zotero.items.append(item("NOTICE22", title, "The editors retract the article 10.1234/barley for its plots."))
    synced(library, zotero)
    assert library.get("10.1234/barley").retracted
    del zotero.items[-1]
    assert len(synced(library, zotero).removed) == 1
    assert not library.get("10.1234/barley").retracted


def test_an_empty_answer_removes_nothing(library: Library, zotero: Zotero) -> None:
    synced(library, zotero)
    zotero.items = []
    with pytest.raises(InputError, match="nothing was changed"):
        synced(library, zotero)
    assert len(library) == 3


def test_a_list_that_is_not_whole_removes_nothing(zotero: Zotero) -> None:
    zotero.lost = 1
    with pytest.raises(FetchError, match="gave 4: it is being changed"):
        read(zotero)


def test_each_trouble_says_what_to_do(zotero: Zotero, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(zotero_api, "ADDRESS", "http://127.0.0.1:9/api")
    with pytest.raises(FetchError, match="start Zotero, or name its data folder"):
        read_zotero()
    zotero.status = 403
    with pytest.raises(FetchError, match="communicate with Zotero"):
        read(zotero)
    zotero.status = 200
    with zotero.serve() as address, pytest.raises(SourceError, match="no such library"):
        read_zotero(address, group=99)
    with pytest.raises(InputError, match="isn't on this machine"):
        read_zotero("http://192.0.2.1/api")
    with pytest.raises(SourceError, match="no such file"):
        read_zotero(str(tmp_path / "nowhere"))
    (tmp_path / "other.sqlite").write_bytes(b"SQLite format 3\0")
    with pytest.raises(SourceError, match="isn't a database of Zotero"):
        read_zotero(str(tmp_path / "other.sqlite"))


def test_a_closed_zotero_is_read_from_its_folder_and_an_open_one_is_not(
    zotero: Zotero, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(zotero_api, "ADDRESS", "http://127.0.0.1:9/api")
    folder = zotero.write(tmp_path / "Zotero")
    found = read_zotero()
    assert (found.place, len([record for record in found.records if isinstance(record, Record)])) == (str(folder), 3)
    with closing(sqlite3.connect(folder / "zotero.sqlite")) as held:
        held.execute("PRAGMA locking_mode = EXCLUSIVE")
        held.execute("BEGIN EXCLUSIVE")
        with pytest.raises(FetchError, match="Zotero is open and locks its database"):
            read_zotero()
