"""The index on a real Chroma server: written from a library's folder, read by URL alone, kept right through trouble."""

import json
import logging
import random
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import chroma_server
import invented
import pytest
from counting import CountingEmbedder

from rag import Library, answer, retrieve
from rag.__main__ import main
from rag.arguments import parse_filters
from rag.config import Config
from rag.errors import DerivedIndexError, IndexBehindError, LibraryError, ServerTimeoutError
from rag.index import server_client, server_sync
from rag.index import server_collection as collections
from rag.index.server_client import Server, parse_address
from rag.index.server_collection import Collection
from rag.types import Status

QUESTIONS = ["barley on clay", "what did mulched rye give in plot 26", "frost"]
PAPERS = 40


@pytest.fixture(scope="module")
def chroma(tmp_path_factory):
    """A server for this module."""
    running = chroma_server.ChromaServer(tmp_path_factory.mktemp("chroma")).start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Don't wait long between tries."""
    monkeypatch.setattr(server_client, "PAUSES", (0.01, 0.02))


@pytest.fixture
def url(chroma, request):
    """The address of a collection of this test's own."""
    return f"{chroma.url}/{request.node.name.replace('[', '-').rstrip(']')[-60:].strip('_')}"


@pytest.fixture
def opened(tmp_path):
    """Open libraries that are closed again: by the name of a folder, or by URL."""
    libraries = []

    def open_library(place="library", index=None, **settings):
        where = place if "://" in str(place) else tmp_path / place
        config = Config(index=index, **settings)
        libraries.append(Library.open(where, embedder=CountingEmbedder(), config=config))
        return libraries[-1]

    yield open_library
    for library in libraries:
        library.close()


def records(url):
    """Return the names of all records of a collection, and its metadata."""
    with closing(Collection(Server(parse_address(url), Config()))) as found:
        return sorted(found.ids()), found.marker()


def whole(library, url):
    """Return whether the collection has exactly what the library's catalog requires, vectors included."""
    catalog = library._disk().catalog()
    with closing(Collection(Server(parse_address(url), Config()))) as found:
        difference = server_sync.difference(catalog, found)
        wrong = server_sync.differing(catalog, found, difference)
        return (difference.missing, difference.left, wrong, found.marker() == server_sync.marker_of(catalog))


WHOLE = ({}, [], {}, True)


class ByMeaning:
    """A library's snapshot that knows no words, as a server is."""

    def __init__(self, snapshot):
        self._snapshot = snapshot

    def __getattr__(self, name):
        return getattr(self._snapshot, name)

    def lexical_scores(self, weights):
        return self._snapshot.lexical_scores({})

    def idf(self, term):
        return None

    def vocabulary(self):
        return {}


def test_who_has_the_url_alone_searches_and_cites_as_the_library_does_by_meaning(opened, url, tmp_path, caplog):
    library = opened(index=url)
    library.add(invented.write(tmp_path / "papers.jsonl", range(PAPERS)))
    assert whole(library, url) == WHOLE
    with caplog.at_level(logging.WARNING, "pincite"):
        reader = opened(url)
    for question in QUESTIONS:
        view = ByMeaning(library.snapshot())
        expected = retrieve.search(question, view, library.embedder, 5)
        found = reader.search(question, k=5)
        assert [(h.paper, h.quote, h.start, h.end) for h in found] == [
            (h.paper, h.quote, h.start, h.end) for h in expected
        ]
        assert [h.score for h in found] == pytest.approx([h.score for h in expected], abs=1e-5)
        mine = retrieve.gather(question, expected, view, library.embedder)
        for item, other in zip(reader.gather(question, found), mine, strict=True):
            assert (item.paper, item.start, item.end, item.text) == (other.paper, other.start, other.end, other.text)
            assert item.relevance == pytest.approx(other.relevance, abs=1e-3)  # kept in half precision on disk
    assert reader.papers() == library.papers()
    reader.close()  # a closed one connects again
    assert (len(reader), reader.fingerprint) == (len(library), library.fingerprint)
    assert [r.getMessage() for r in caplog.records] == [
        f"{url}: read from the server alone: papers are found by meaning, not by words"
    ]
    answered = answer("What did plants of barley on clay give in plot 0?", reader, config=Config())
    assert answered.receipt.library == library.fingerprint
    for sentence in answered.sentences:
        for pin in sentence.citations:
            assert library.get(pin.paper.id).abstract[pin.start : pin.end] == pin.quote


FILTERS = [
    {"year": 1995},
    {"year": "..1993"},
    {"year": "2010.."},
    {"author": "GÄRDENER 1"},
    {"venue": "Journal (of"},
    {"venue": "plots) + fields"},
    {"venue": "nowhere"},
    {"author": "o'b-b & c~d #1 [x] {y} ^z$ |w\\v?* <t>"},
    {"source": "apers.js"},
    {"source": "test_filters_pass"},  # of the folder
    {"author": "gardener 3", "year": "1993..2005", "source": "papers"},
    {"papers": ["doi:10.5555/x.7", "no such paper"]},
    {"papers": ["no such paper"]},
    {"exclude": ["DOI:10.5555/X.7", "no such paper"], "author": "gardener"},
]


def test_filters_pass_what_they_pass_in_the_folder(opened, url, tmp_path):
    papers = [invented.record(n) for n in range(PAPERS)]
    papers[7]["doi"] = "10.5555/x.7"
    papers[7]["venue"] = "The  Journal (of Plots) + Fields"
    papers[8]["authors"] = ["Zoë Gärdener 12", "O'B-b & C~D #1 [x] {y} ^z$ |w\\v?* <t>"]
    del papers[9]["year"]
    (tmp_path / "papers.jsonl").write_text("\n".join(map(json.dumps, papers)), encoding="utf-8")
    library, reader = opened(index=url), None
    library.add(tmp_path / "papers.jsonl")
    reader = opened(url)
    for given in FILTERS:
        filters = parse_filters(given)
        assert reader.matching(filters) == library.matching(filters), given
        passing = {hit.paper_id for hit in library.find("barley", PAPERS, filters)}
        assert {hit.paper_id for hit in reader.find("barley", PAPERS, filters)} == passing, given
    assert reader.get("doi:10.5555/x.7") == library.get("doi:10.5555/x.7")
    with pytest.raises(LibraryError, match=r"no paper 'doi:10\.5555/none'"):
        reader.get("doi:10.5555/none")


def test_every_change_reaches_the_server_and_a_running_reader(opened, url, tmp_path):
    file = invented.write(tmp_path / "papers.jsonl", range(PAPERS))
    opened(index=url).add(file)
    library, reader = opened(), opened(url)  # where the index is, the library knows by now
    one, other, *_ = library.papers()
    library.remove(one.id)
    changed = library.edit(other.id, abstract="Quinces were counted twice. The count was even.")
    assert whole(library, url) == WHOLE
    assert reader.search(f"{changed.title} {changed.abstract}")[0].paper == changed
    assert len(reader) == PAPERS - 1
    assert one.id not in {hit.paper_id for hit in reader.search(one.title, k=PAPERS)}
    report = library.add(file)  # the removed one comes back
    assert (report.embedded, whole(library, url)) == (1, WHOLE)
    assert opened(index="none").add(file).added == ()
    assert library._disk().catalog().get_meta("index") == "none"


def test_a_server_killed_in_the_middle_of_an_add_loses_nothing(opened, tmp_path, monkeypatch):
    running = chroma_server.ChromaServer(tmp_path / "chroma").start()
    url, put, puts = f"{running.url}/killed", Collection._put, []
    monkeypatch.setattr(collections, "LARGEST_BATCH", 5)

    def dying(self, waiting):
        puts.append(len(waiting))
        if len(puts) == 4:
            assert running.kill() == -9
        put(self, waiting)

    monkeypatch.setattr(Collection, "_put", dying)
    file = invented.write(tmp_path / "papers.jsonl", range(PAPERS))
    library = opened(index=url)
    with pytest.raises(IndexBehindError, match=r"no connection .* is stored in .*: the next add") as caught:
        library.add(file)
    assert (len(caught.value.report.added), len(library)) == (PAPERS, PAPERS)
    expected = library.search("frost")
    with pytest.raises(IndexBehindError):
        library.remove(library.papers()[0].id)  # away still: the folder follows, the server does later
    running.start()
    assert 0 < len(records(url)[0]) < PAPERS
    monkeypatch.setattr(Collection, "_put", put)
    try:
        report = opened().add(file)
        assert report.embedded == 1  # the one that was removed
        assert whole(library, url) == WHOLE
        assert {h.paper_id for h in opened(url).search("frost")} <= {p.id for p in library.papers()}
        assert library.search("frost") == expected
        before = records(url)
        assert running.kill() == -9
        shutil.rmtree(running.folder)  # and now it has lost everything
        running.start()
        with pytest.raises(LibraryError, match="there is no such collection"):
            opened(url)
        embedded = library._embedder._embedder.embedded
        assert library.repair().healthy
        assert (records(url), library._embedder._embedder.embedded) == (before, embedded)
    finally:
        running.stop()


def test_a_server_too_busy_for_a_large_batch_is_sent_smaller_ones(opened, url, tmp_path, monkeypatch):
    monkeypatch.setattr(collections, "LARGEST_BATCH", PAPERS)
    monkeypatch.setattr(collections, "SMALLEST_BATCH", 4)
    upsert, sent = Collection._upsert, []

    def busy(self, page):
        sent.append(len(page))
        if len(page) > 12:
            raise ServerTimeoutError("no answer in time")
        upsert(self, page)

    monkeypatch.setattr(Collection, "_upsert", busy)
    library = opened(index=url)
    library.add(invented.write(tmp_path / "papers.jsonl", range(PAPERS)))
    assert whole(library, url) == WHOLE
    assert sent == [40, 20, 10, 10, 10, 10]


def test_a_reader_finds_each_paper_once_while_it_is_replaced(opened, url, tmp_path, monkeypatch):
    library = opened(index=url)
    library.add(invented.write(tmp_path / "papers.jsonl", range(PAPERS)))
    reader = opened(url)
    old = library.papers()[3]

    def cut_off(self, ids):
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:  # the new record is there, the old one is not gone yet
        stopped.setattr(Collection, "delete", cut_off)
        with pytest.raises(KeyboardInterrupt):
            library.edit(old.id, title="Another title")
    assert records(url)[1].updating
    assert "+" in reader.fingerprint
    hits = reader.search(old.abstract, k=PAPERS)
    assert len(hits) == len({hit.paper_id for hit in hits}) == PAPERS
    assert [f.check for f in library.examine().findings if not f.ok] == ["server", "server against catalog"]
    library.add(tmp_path / "papers.jsonl")
    assert whole(library, url) == WHOLE
    assert reader.get(old.id).title == "Another title"


def test_a_reader_continues_while_the_library_is_written(opened, url, tmp_path):
    library = opened(index=url)
    library.add(invented.write(tmp_path / "papers.jsonl", range(PAPERS)))
    reader, before = opened(url), {paper.abstract for paper in library.papers()}
    written = threading.Event()

    def write():
        for round_number, paper in enumerate(library.papers()[:8]):
            library.edit(paper.id, abstract=f"Of the abstract number {round_number} this is left. {paper.abstract}")
        written.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not written.is_set() and not writing.done():
            hits = reader.search("frost on barley", k=PAPERS)
            assert len({hit.paper_id for hit in hits}) == len(hits) == PAPERS
            for item in reader.gather("frost on barley", hits[:3]):
                assert item.paper.abstract[item.start : item.end] == item.text
        writing.result()
    now = {hit.paper.abstract for hit in reader.search("frost on barley", k=PAPERS)}
    assert now == {paper.abstract for paper in library.papers()}
    assert len(now - before) == 8


@pytest.mark.parametrize("step", ["vectors", "papers_of_records"])
def test_a_paper_replaced_or_removed_between_two_calls_of_a_search_costs_nothing(
    opened, url, tmp_path, monkeypatch, step
):
    library = opened(index=url)
    library.add(invented.write(tmp_path / "papers.jsonl", range(4)))
    reader, call = opened(url), getattr(Collection, step)
    one, other, *_ = library.papers()
    changes = [lambda: library.remove(other.id), lambda: library.edit(one.id, title="Changed meanwhile")]

    def racing(self, ids):
        if changes:
            changes.pop()()
        return call(self, ids)

    monkeypatch.setattr(Collection, step, racing)
    assert {hit.paper.title for hit in reader.search("barley")} >= {"Changed meanwhile", other.title}
    assert {hit.paper_id for hit in reader.search("barley")} == {paper.id for paper in library.papers()}
    assert len(library) == 3


@pytest.mark.parametrize(
    "write",
    [
        lambda library, file: library.add(file),
        lambda library, file: library.remove("x"),
        lambda library, file: library.edit("x", title="y"),
        lambda library, file: library.split("x"),
        lambda library, file: library.repair(),
        lambda library, file: library.backup(file),
    ],
)
def test_what_is_read_from_a_server_is_not_written(opened, chroma, tmp_path, write):
    url = f"{chroma.url}/read-only"
    file = invented.write(tmp_path / "papers.jsonl", range(2))
    opened(index=url if not records_there(url) else "none").add(file)
    with pytest.raises(LibraryError, match="is read-only here: to change it, name the folder"):
        write(opened(url), file)


def records_there(url):
    try:
        return records(url)[0]
    except LibraryError:
        return []


def test_the_doctor_finds_and_repairs_what_is_wrong_on_the_server(opened, url, tmp_path):
    library = opened(index=url)
    library.add(invented.write(tmp_path / "papers.jsonl", range(PAPERS)))
    assert [f.check for f in library.examine().findings][-3:] == ["server", "server against catalog", "server vectors"]
    assert library.examine().healthy
    theirs = Collection(Server(parse_address(url), Config()))
    first, second, third, fourth, *_ = sorted(theirs.ids())
    theirs.delete([first])
    vector = [0.0] * 31 + [1.0]
    theirs._on("POST", "/upsert", {"ids": [second], "embeddings": [vector], "metadatas": [None], "documents": [None]})
    theirs._on("POST", "/update", {"ids": [third], "metadatas": [{"abstract": "Not what it was."}]})
    theirs._on("POST", "/update", {"ids": [fourth], "metadatas": [{"fields": "{torn"}]})
    theirs.close()
    with pytest.raises(DerivedIndexError, match="replaced on the server, or are damaged there"):
        opened(url).search("barley", k=PAPERS)
    examined = library.examine()
    wrong = {f.check: f.detail for f in examined.findings if not f.ok}
    assert set(wrong) == {"server against catalog", "server vectors"}
    assert "1 paper lacks some, 0 are left over" in wrong["server against catalog"]
    assert "3 differ" in wrong["server vectors"]
    for secret in ("127.0.0.1", "Field trial", first[:8], str(tmp_path)):
        assert secret not in repr(examined)
    embedded = library._embedder._embedder.embedded
    assert library.repair().healthy
    assert (whole(library, url), library._embedder._embedder.embedded) == (WHOLE, embedded)


def test_a_collection_of_another_library_is_only_taken_over_by_a_repair(opened, url, tmp_path):
    opened(index=url).add(invented.write(tmp_path / "one.jsonl", range(3)))
    other = opened("other", index=url)
    with pytest.raises(IndexBehindError, match="holds the index of another library"):
        other.add(invented.write(tmp_path / "two.jsonl", range(3, 8)))
    assert len(opened(url)) == 3
    assert other.repair().healthy
    assert whole(other, url) == WHOLE
    assert not opened().examine().healthy


def test_the_command_line_writes_and_reads_a_server(url, tmp_path, capsys):
    file = invented.write(tmp_path / "papers.jsonl", range(3))
    assert main(["add", str(file), "--library", str(tmp_path / "library"), "--index", url]) == 0
    assert main(["doctor", "--library", str(tmp_path / "library")]) == 0
    assert main(["stats", "--library", str(tmp_path / "library")]) == 0
    assert f"the index is also at {url}" in capsys.readouterr().out
    assert main(["search", "barley", "--library", url, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["hits"]) == 3
    assert main(["ask", "What did barley watered on clay give in plot 0?", "--library", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == Status.ANSWERED
    assert main(["add", str(file), "--library", url]) == 2
    assert "name the folder" in capsys.readouterr().err
    away = f"http://127.0.0.1:{chroma_server.free_port()}/papers"
    assert main(["add", str(file), "--library", str(tmp_path / "second"), "--index", away]) == 1
    shown = capsys.readouterr()
    assert "3 added" in shown.out
    assert "is stored in" in shown.err


@pytest.mark.kills
def test_a_server_killed_at_random_moments_ends_with_the_same_records(opened, tmp_path):
    running = chroma_server.ChromaServer(tmp_path / "chroma").start()
    file = invented.write(tmp_path / "papers.jsonl", range(800))
    chance, landed, behind = random.Random(4), 0, 0
    library = opened()
    library.add(file)
    began = time.monotonic()
    opened(index=f"{running.url}/undisturbed").add(file)
    seconds = time.monotonic() - began
    try:
        for round_number in range(25):
            url = f"{running.url}/round-{round_number}"
            with ThreadPoolExecutor(1) as pool:
                adding = pool.submit(opened(index=url).add, file)
                time.sleep(chance.uniform(0, seconds))
                assert running.kill() == -9
                landed += not adding.done()
                behind += isinstance(adding.exception(), IndexBehindError)
            running.start()
            assert opened(index=url).add(file).embedded == 0
            assert whole(library, url) == WHOLE
            assert len(opened(url).search("frost", k=5)) == 5
        assert landed >= 15
        assert behind >= 10
    finally:
        running.stop()
