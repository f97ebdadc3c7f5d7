"""DOIs, arXiv ids, PubMed ids, years and dates, however they are written."""

import pytest

from rag.sources import identifiers


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1234/ABC.5", "10.1234/abc.5"),
        ("https://doi.org/10.1234/abc", "10.1234/abc"),
        ("http://dx.doi.org/10.1234%2Fabc", "10.1234/abc"),
        ("doi:10.1234/abc.", "10.1234/abc"),
        ("10.1016/S0140-6736(20)30183-5", "10.1016/s0140-6736(20)30183-5"),
        ("(see 10.1234/abc)", "10.1234/abc"),
        ("10.1002/(SICI)1097(1998)49:8<693::AID-4>3.0.CO;2-O", "10.1002/(sici)1097(1998)49:8<693::aid-4>3.0.co;2-o"),
        ("10.1234/abc [doi]", "10.1234/abc"),
        ("https://x.org/view?doi=10.1234/abc&id=3", "10.1234/abc"),
        ("no doi", None),
        ("10.12/abc", None),
    ],
)  # fmt: skip
def test_doi(text: str, doi: str | None) -> None:
    assert identifiers.doi(text) == doi


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("2001.01234v3", "2001.01234"),
        ("arXiv:0704.0001", "0704.0001"),
        ("https://arxiv.org/pdf/2001.01234v2.pdf", "2001.01234"),
        ("10.48550/arXiv.2001.01234", "2001.01234"),
        ("hep-th/9901001v1", "hep-th/9901001"),
        ("http://arxiv.org/abs/math.GT/0309136", "math/0309136"),
        ("2001.99999999", None),
        ("1999.12345", None),
        ("moths", None),
    ],
)
def test_arxiv_id(text: str, arxiv_id: str | None) -> None:
    assert identifiers.arxiv_id(text) == arxiv_id


def test_only_arxivs_own_addresses_name_an_arxiv_id() -> None:
    assert identifiers.arxiv_id_of_url("https://arxiv.org/abs/2001.01234") == "2001.01234"
    assert identifiers.arxiv_id_of_url("10.48550/arXiv.2001.01234") == "2001.01234"
    assert identifiers.arxiv_id_of_url("https://x.org/2001.01234") is None
    assert identifiers.arxiv_id_of_url("10.1234/2001.01234") is None


@pytest.mark.parametrize(
    ("text", "pmid"),
    [
        ("123", "123"),
        ("PMID: 0123", "123"),
        ("123.0", "123"),
        ("https://pubmed.ncbi.nlm.nih.gov/123/", "123"),
        ("123 (http://www.ncbi.nlm.nih.gov/pubmed/123)", "123"),
        ("PMC123", None),
        ("1.5", None),
        ("0", None),
    ],
)
def test_pmid(text: str, pmid: str | None) -> None:
    assert identifiers.pmid(text) == pmid


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2020-05-04T10:00:00Z", "2020-05-04"),
        ("2020/05/04/", "2020-05-04"),
        ("2020///", "2020"),
        ("2020 May 4", "2020-05-04"),
        ("2020 May-Jun", "2020-05"),
        ("2020 Spring", "2020"),
        ("May 4, 2020", "2020-05-04"),
        ("4 May 2020", "2020-05-04"),
        ("May 2020", "2020-05"),
        ("Mar 15 2019", "2019-03-15"),
        ("2020-13-04", "2020"),
        ("2020-05-32", "2020-05"),
        ("c2011", "2011"),
        ("Jan 7", None),
        ("2020 12 345", "2020-12"),
        ("", None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert identifiers.iso_date(text) == date
