"""A paper is found by whatever a reader has at hand: its DOI, arXiv id or PMID, bare or as an address."""

import pytest
from counting import CountingEmbedder

from rag import Library
from rag.errors import LibraryError

# An old DOI as it is printed, and as addresses, XML and LaTeX escape it.
SICI = (
    "10.1175/1520-0442(1997)010<1004:R>2.0.CO;2",
    "https://doi.org/10.1175/1520-0442(1997)010%3C1004:R%3E2.0.CO;2",
    "doi:10.1175%2F1520-0442(1997)010%3C1004:R%3E2.0.CO%3B2",
    "10.1175/1520-0442(1997)010&lt;1004:R&gt;2.0.CO;2",
    "10.1175/1520-0442(1997)010&amp;lt;1004:R&amp;gt;2.0.CO;2",
    r"10.1175/1520-0442(1997)010{\textless}1004:R{\textgreater}2.0.CO;2",
    r"10.1175/1520-0442(1997)010$<$1004:R$>$2.0.CO;2",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    (folder / "papers.jsonl").write_text(
        '{"title": "Moths at dusk", "abstract": "Scent leads them.", "doi": "10.1234/Moths(20)7", "pmid": "1234567"}\n'
        '{"title": "Bees at noon", "abstract": "Light leads them.", "arxiv_id": "2301.00001"}\n'
        '{"title": "Ants by night", "abstract": "Touch leads them.", "arxiv_id": "cs/0501001"}\n'
        '{"title": "Larks at dawn", "abstract": "Song leads them.", "doi": "'
        f'{SICI[0]}"}}\n',
        encoding="utf-8",
    )
    with Library.open(folder / "library", embedder=CountingEmbedder()) as library:
        library.add(folder / "papers.jsonl")
        yield library


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("10.1234/moths(20)7", "Moths at dusk"),
        (" 10.1234/Moths(20)7 ", "Moths at dusk"),
        ("doi: 10.1234/moths(20)7", "Moths at dusk"),
        ("DOI:10.1234/MOTHS(20)7", "Moths at dusk"),
        ("https://doi.org/10.1234/Moths(20)7", "Moths at dusk"),
        ("http://dx.doi.org/10.1234/moths(20)7", "Moths at dusk"),
        ("https://www.doi.org/10.1234/moths(20)7", "Moths at dusk"),
        ("doi:https://doi.org/10.1234/moths(20)7", "Moths at dusk"),
        ("doi.org/10.1234/moths(20)7", "Moths at dusk"),
        ("DOI 10.1234/Moths(20)7.", "Moths at dusk"),
        ("doi:10.1234%2Fmoths%2820%297", "Moths at dusk"),
        ("https://journal.example/doi/abs/10.1234/moths(20)7", "Moths at dusk"),
        ("https://journal.example/articles/10.1234/moths(20)7/full", "Moths at dusk"),
        *((form, "Larks at dawn") for form in SICI),
        ("pmid:1234567", "Moths at dusk"),
        ("PMID 1234567", "Moths at dusk"),
        ("https://pubmed.ncbi.nlm.nih.gov/1234567/", "Moths at dusk"),
        ("2301.00001", "Bees at noon"),
        ("arXiv:2301.00001v3", "Bees at noon"),
        ("10.48550/arXiv.2301.00001", "Bees at noon"),
        ("https://arxiv.org/abs/2301.00001v2", "Bees at noon"),
        ("https://arxiv.org/pdf/2301.00001.pdf", "Bees at noon"),
        ("cs.CL/0501001", "Ants by night"),
        ("arXiv:cs/0501001v1", "Ants by night"),
    ],
)
def test_a_paper_is_found_by_the_name_at_hand(library, name, title):
    assert library.get(name).title == title
    assert [hit.paper.title for hit in library.search("leads", papers=[name])] == [title]


@pytest.mark.parametrize(
    "name",
    [
        "1234567",
        "10.1234/moths",
        "10.1234/moths(20)7x",
        "see 10.1234/moths(20)7 there",
        "2301.0000",
        "",
        ":",
        "doi:",
        "https://example.org/1",
    ],
)
def test_a_reference_that_is_not_certain_finds_no_paper(library, name):
    with pytest.raises(LibraryError, match="lists the ids"):
        library.get(name)
