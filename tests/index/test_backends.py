"""One contract for the two places that a library is read from: a folder, and a Chroma server."""

from contextlib import closing

import chroma_server
import invented
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.arguments import parse_filters
from rag.config import Config
from rag.errors import InputError
from rag.index.server_client import Server, parse_address
from rag.index.server_collection import Collection
from rag.library.local import OnDisk
from rag.library.remote import OnServer
from rag.models.embedding_cache import Remembered
from rag.types import Filters

PAPERS = 12
QUESTION = "what did mulched rye give"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A library in a folder whose index is also on a server, at its `url`."""
    place = tmp_path_factory.mktemp("backends")
    running = chroma_server.ChromaServer(place / "chroma").start()
    library = Library.open(
        place / "library", embedder=CountingEmbedder(), config=Config(index=f"{running.url}/contract")
    )
    library.add(invented.write(place / "papers.jsonl", range(PAPERS)))
    yield library, f"{running.url}/contract"
    library.close()
    running.stop()


@pytest.fixture(params=["folder", "server"])
def backend(library, request):
    """The same papers, read from either place."""
    written, url = library
    embedder = Remembered(CountingEmbedder())
    if request.param == "folder":
        opened = OnDisk(written.folder, embedder, Config())
    else:
        opened = OnServer(Collection(Server(parse_address(url), Config())), embedder)
    with closing(opened):
        yield opened


def test_it_is_a_library_with_a_name_and_a_state_of_its_own(backend, library):
    assert backend.exists
    assert (backend.name, str(backend)) in {
        ("library", str(library[0].folder)),
        ("contract", library[1]),
    }
    assert backend.fingerprint == backend.fingerprint == library[0].fingerprint


def test_it_holds_the_papers_oldest_first_and_finds_each_by_id_and_alias(backend, library):
    papers = backend.papers()
    assert [paper.title for paper in papers] == [invented.record(n)["title"] for n in range(PAPERS)]
    assert papers == library[0].papers()
    assert len(backend) == PAPERS
    for paper in papers:
        assert all(backend.find_paper(name) == paper for name in (paper.id, *paper.aliases))
    assert backend.find_paper("no such paper") is None


@pytest.mark.parametrize("given", [{}, {"year": "1995..2000"}, {"author": "gardener 3"}, {"venue": "nowhere"}])
def test_filters_pass_the_papers_that_they_name(backend, given):
    filters = parse_filters(given)
    hits = backend.search(QUESTION, PAPERS, filters)
    assert len(hits) == backend.matching(filters)
    years = {hit.paper.year for hit in hits}
    assert not filters.year_from or years <= set(range(1995, 2001))


def test_a_search_returns_the_best_papers_first_each_with_a_quote_of_it(backend):
    hits = backend.search(QUESTION, 5, Filters())
    assert len({hit.paper_id for hit in hits}) == 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.quote == hit.paper.abstract[hit.start : hit.end] != "" for hit in hits)


@pytest.mark.parametrize(("question", "k"), [("", 5), ("   ", 5), (QUESTION, 0)])
def test_a_search_for_nothing_is_refused(backend, question, k):
    with pytest.raises(InputError):
        backend.search(question, k, Filters())


def test_evidence_is_every_sentence_of_the_papers_found_numbered_in_their_order(backend):
    hits = backend.search(QUESTION, 3, Filters())
    evidence = backend.gather(QUESTION, hits)
    assert [item.number for item in evidence] == list(range(1, 10))
    assert list(dict.fromkeys(item.paper.id for item in evidence)) == [hit.paper_id for hit in hits]
    assert all(item.text == item.paper.abstract[item.start : item.end] for item in evidence)


def test_a_closed_library_opens_again_when_it_is_asked(backend):
    backend.close()
    assert len(backend) == PAPERS
    assert backend.search(QUESTION, 1, Filters())
