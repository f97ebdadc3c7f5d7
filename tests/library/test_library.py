import json
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from counting import CountingEmbedder

from rag import Library
from rag.catalog.catalog import Catalog
from rag.catalog.lock import writing
from rag.errors import LibraryBusyError, LibraryError, SourceError
from rag.index import builds
from rag.types import Origin

BARLEY = {"title": "Soil moisture and barley yield", "abstract": "We watered barley. Moist plots gave 37% more grain."}
CATS = {"title": "Sleep of barn cats in winter", "abstract": "Cats were filmed at night. They slept eleven hours."}
HAIL = {"title": "Tin roofs under heavy hail", "abstract": "Hail dents tin. Thicker tin cut the dents by half."}


@pytest.fixture
def embedder():
    return CountingEmbedder()


@pytest.fixture
def library(tmp_path, embedder):
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        yield library


def test_a_second_add_changes_nothing_and_embeds_nothing(library, embedder, write_jsonl):
    file = write_jsonl("papers.jsonl", [BARLEY, CATS])
    first = library.add(file)
    before, fingerprint = embedder.embedded, library.fingerprint
    second = library.add(file)
    assert (len(first.added), len(second.unchanged), second.embedded) == (2, 2, 0)
    assert embedder.embedded == before
    assert library.fingerprint == fingerprint


def test_every_record_is_accounted_for(library, write_jsonl):
    file = write_jsonl("papers.jsonl", [BARLEY, BARLEY, {"title": "No text at all here"}, {"abstract": "No title."}])
    report = library.add(file)
    assert report.records == 4
    assert (len(report.added), len(report.merged), len(report.without_abstract), len(report.rejected)) == (1, 1, 1, 1)


def test_the_longer_abstract_of_two_copies_wins_whatever_the_order(tmp_path, embedder, write_jsonl):
    longer = BARLEY | {"abstract": BARLEY["abstract"] + " The effect held on clay.", "doi": "10.1000/barley"}
    cut = BARLEY | {"abstract": BARLEY["abstract"].rstrip(".")}
    one, two = write_jsonl("one.jsonl", [cut]), write_jsonl("two.jsonl", [longer])
    papers = []
    for name, files in (("a", (one, two)), ("b", (two, one))):
        with Library.open(tmp_path / name, embedder=embedder) as library:
            library.add(*files)
            (paper,) = library.papers()
            papers.append(paper)
            assert library.get("doi:10.1000/BARLEY") == paper
            assert "clay" in library.search("clay")[0].paper.abstract
    assert {p.abstract for p in papers} == {longer["abstract"]}
    assert papers[0].origins == papers[1].origins


def test_an_id_never_changes_when_more_becomes_known(library, write_jsonl):
    library.add(write_jsonl("one.jsonl", [BARLEY]))
    (before,) = library.papers()
    library.add(write_jsonl("two.jsonl", [BARLEY | {"doi": "10.1000/barley", "year": 2021}]))
    (after,) = library.papers()
    assert after.id == before.id
    assert (after.year, after.aliases) == (2021, ("doi:10.1000/barley",))


def test_a_record_that_links_two_papers_makes_them_one(library, write_jsonl):
    library.add(write_jsonl("one.jsonl", [BARLEY | {"doi": "10.1000/b"}, HAIL | {"title": "Barley", "pmid": "77"}]))
    assert len(library) == 2
    report = library.add(write_jsonl("two.jsonl", [BARLEY | {"doi": "10.1000/b", "pmid": "77"}]))
    (paper,) = library.papers()
    assert report.updated == (paper.id,)
    assert library.get("pmid:77") == paper


def test_parts_of_a_series_and_a_reply_stay_apart(library, write_jsonl):
    titles = ["Barley, Part I", "Barley, Part II", "On barley", "Response: On barley", "Barley (2nd ed.)"]
    library.add(write_jsonl("papers.jsonl", [BARLEY | {"title": title} for title in titles]))
    assert len(library) == 5


def test_a_file_that_changed_is_followed(library, write_jsonl):
    library.add(write_jsonl("papers.jsonl", [BARLEY, CATS]))
    corrected = BARLEY | {"abstract": "We watered barley. Moist plots gave 31% more."}
    report = library.add(write_jsonl("papers.jsonl", [corrected, CATS]))
    assert (len(report.updated), len(report.unchanged)) == (1, 1)
    assert library.get(report.updated[0]).abstract == corrected["abstract"]


def test_removed_papers_are_gone_and_can_come_back(library, write_jsonl):
    file = write_jsonl("papers.jsonl", [BARLEY, CATS])
    library.add(file)
    barley = library.search("barley")[0].paper
    assert library.remove(barley.id) == 1
    assert [hit.paper.title for hit in library.search("barley")] == [CATS["title"]]
    with pytest.raises(LibraryError, match="pincite papers"):
        library.remove(barley.id)
    assert library.add(file).added == (barley.id,)


def test_offsets_cut_out_the_quote(library, write_jsonl):
    library.add(write_jsonl("papers.jsonl", [BARLEY, CATS, HAIL]))
    for hit in library.search("how long did the cats sleep"):
        assert hit.paper.abstract[hit.start : hit.end] == hit.quote != ""


@pytest.mark.parametrize("damage", ["delete", "tear", "flip a bit", "no pointer", "garbage pointer"])
def test_a_damaged_index_is_noticed_and_made_again_without_embedding(
    library, embedder, write_jsonl, caplog, damage, with_chroma
):
    with with_chroma():
        library.add(write_jsonl("papers.jsonl", [BARLEY, CATS, HAIL]))
    expected = library.search("barley")
    library.close()
    before = embedder.embedded
    build = builds.current(library.folder, library._disk().existing())
    segment = build.folder / build.parts[0].name
    if damage == "delete":
        shutil.rmtree(build.folder)
    elif damage == "tear":
        (segment / "chroma" / "chroma.sqlite3").write_bytes(b"torn")
    elif damage == "flip a bit":
        (flipped,) = (segment / "chroma").rglob("data_level0.bin")
        content = bytearray(flipped.read_bytes())
        content[len(content) // 2] ^= 1
        flipped.write_bytes(content)
    elif damage == "no pointer":
        (build.folder / "CURRENT").unlink()
    else:
        (build.folder / "CURRENT").write_bytes(b"\xff\xfe../..")
    assert library.search("barley") == expected
    assert embedder.embedded == before
    assert "rebuilding it" in caplog.text


def test_a_reader_continues_through_an_add_and_sees_the_new_papers_after_it(tmp_path, embedder, write_jsonl):
    file = write_jsonl("one.jsonl", [BARLEY])
    with Library.open(tmp_path / "library", embedder=embedder) as writer:
        writer.add(file)
        with Library.open(tmp_path / "library", embedder=embedder) as reader:
            assert len(reader.search("cats")) == 1
            writer.add(write_jsonl("two.jsonl", [CATS]))
            assert reader.search("cats")[0].paper.title == CATS["title"]


def test_a_second_writer_is_refused_by_name(library, write_jsonl):
    file = write_jsonl("papers.jsonl", [BARLEY])
    library.add(file)
    where = str(library.folder)
    code = f"import sys, pathlib\nfrom rag.catalog.lock import writing\nwith writing(pathlib.Path({where!r})):"
    code += "\n    print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(LibraryBusyError, match=rf"pid {other.pid}.*wait"):
            library.add(file)
        other.kill()
        other.wait()
    assert len(library.add(file).unchanged) == 1  # a dead process does not hold the lock


def test_a_writer_waits_for_a_reader_that_repairs_the_index(library, write_jsonl):
    file = write_jsonl("papers.jsonl", [BARLEY])
    held, go_on = threading.Event(), threading.Event()

    def mend():
        with writing(library.folder, "repairing the index of"):
            held.set()
            go_on.wait(30)

    reader = threading.Thread(target=mend, daemon=True)
    reader.start()
    held.wait(30)
    with ThreadPoolExecutor(1) as pool:
        added = pool.submit(library.add, file)
        with pytest.raises(TimeoutError):
            added.result(0.2)  # it waits
        go_on.set()
        assert len(added.result(30).added) == 1
    reader.join()


def test_a_stale_index_is_served_while_another_process_writes(library, write_jsonl):
    library.add(write_jsonl("papers.jsonl", [BARLEY]))
    with library._disk().catalog().transaction():
        library._disk().catalog().set_meta("touched", "1")
    with writing(library.folder):
        assert library.search("barley")[0].paper.title == BARLEY["title"]


def test_folders_that_are_not_a_library_are_refused_and_left_alone(tmp_path, embedder):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(LibraryError, match="holds other files"):
        Library.open(tmp_path, embedder=embedder)
    with pytest.raises(LibraryError, match="is a file"):
        Library.open(tmp_path / "thesis.docx", embedder=embedder)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_another_embedding_is_refused(library, write_jsonl):
    library.add(write_jsonl("papers.jsonl", [BARLEY]))
    with pytest.raises(LibraryError, match=r"counting:32.*other:32"):
        Library.open(library.folder, embedder=CountingEmbedder("other:32"))


def test_a_newer_format_is_refused_with_the_reason(library, write_jsonl):
    library.add(write_jsonl("papers.jsonl", [BARLEY]))
    library._disk().catalog()._db.run("PRAGMA user_version = 99")
    library.close()
    with pytest.raises(LibraryError, match=r"newer Pincite.*99"):
        Library.open(library.folder, embedder=CountingEmbedder())


def test_a_damaged_catalog_is_refused_not_overwritten(library, write_jsonl):
    library.add(write_jsonl("papers.jsonl", [BARLEY]))
    library.close()
    catalog = library.folder / "catalog.sqlite"
    catalog.write_bytes(b"not a database at all" * 50)
    with pytest.raises(LibraryError, match="damaged"):
        Library.open(library.folder, embedder=CountingEmbedder())
    assert catalog.read_bytes().startswith(b"not a database")


def test_one_bad_file_does_not_stop_the_others(library, write_jsonl, tmp_path):
    report = library.add(tmp_path / "missing.bib", write_jsonl("papers.jsonl", [BARLEY]))
    assert len(report.added) == 1
    assert report.unreadable[0].file.endswith("missing.bib")
    with pytest.raises(SourceError, match=r"missing\.bib"):
        library.add(tmp_path / "missing.bib")


def test_the_report_is_plain_json(library, write_jsonl):
    from rag.serialization import to_json

    report = library.add(write_jsonl("papers.jsonl", [BARLEY, {"title": "Nothing in it"}]))
    plain = json.loads(json.dumps(to_json(report)))
    assert plain["records"] == 2
    assert plain["without_abstract"][0]["title"] == "Nothing in it"


def test_reading_leaves_a_segment_sound(library, write_jsonl, caplog):
    library.add(write_jsonl("papers.jsonl", [BARLEY, CATS, HAIL]))
    for _ in range(3):
        with Library.open(library.folder, embedder=CountingEmbedder()) as reader:
            assert len(reader.search("barley")) == 3
    assert caplog.text == ""


def test_several_may_open_a_library_in_the_moment_it_is_made(tmp_path):
    for number in range(15):
        folder = tmp_path / str(number)
        folder.mkdir()
        together = threading.Barrier(6)

        def open_it(folder=folder, together=together):
            together.wait(10)
            Catalog(folder, create=True).close()

        with ThreadPoolExecutor(6) as pool:
            for opened in [pool.submit(open_it) for _ in range(6)]:
                opened.result()


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("refs/thesis/a.bib", "refs/thesis/a.bib"),
        ("a..b.bib", "a..b.bib"),
        ("arxiv cat:a/b", "arxiv cat:a/b"),
        ("/home/ada/refs/a.bib", "a.bib"),
        ("/a.bib", "a.bib"),
        ("~/refs/a.bib", "a.bib"),
        ("../refs/a.bib", "a.bib"),
        ("refs/../../ada/a.bib", "a.bib"),
        (r"C:\Users\ada\a.bib", "a.bib"),
        (r"..\ada\a.bib", "a.bib"),
        (r"\\server\share\a.bib", "a.bib"),
    ],
)
def test_a_file_is_known_by_its_path_only_where_it_was_added_by_one_of_its_folder(given, known):
    assert Origin(given, 1).name == known
