"""A paper's identifiers, each in one spelling: DOI, arXiv id, PMID; and its dates."""

from __future__ import annotations

import re

from rag.text.dois import first_doi

# https://info.arxiv.org/help/arxiv_identifier.html: 2007 on, and before
_ARXIV_NEW = re.compile(r"(?<!\d)(?<!\d\.)(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v\d+)?(?![\d.]*\d)")
_ARXIV_OLD = re.compile(
    r"(?<![a-z])([a-z]{2,}(?:-[a-z]+)?)(?:\.[a-z]{2})?/(\d{2}(?:0[1-9]|1[0-2])\d{3})(?:v\d+)?(?!\d)", re.IGNORECASE
)
_MONTHS = {
    m: n
    for n, m in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)
}
_ONLY_DOI = re.compile(r"(?:doi\s*[:=]?\s*)?(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE)
# How citation styles introduce the date on which a page was visited, in the languages of their manuals.
_VISIT = re.compile(
    r"\W*(?:last |date |zuletzt |дата )?(?:accessed|access(?: date)?|retrieved|viewed|visited|cited|abgerufen"
    r"|zugriff|besucht|aufgerufen|consult[ée]e?|consultad[oa]|consultato|acess(?:o|ado)|geraadpleegd|обращения)\b",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"\s*((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\s*")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


def doi(text: str) -> str | None:
    """Find the DOI in a text (bare, `doi:`, a resolver's address), lower case as DOIs compare without case."""
    return first_doi(text)


def doi_of_note(text: str) -> str:
    """Return the DOI if a line of a note holds nothing else; one in a sentence belongs to another paper."""
    lines = (line.strip().rstrip(".") for line in re.split(r"\n|;\s", text))
    return next((line for line in lines if _ONLY_DOI.fullmatch(line)), "")


def arxiv_id(text: str) -> str | None:
    """Find the arXiv id in a text (bare, `arXiv:`, an address, a DOI 10.48550/arXiv.…), its version cut off."""
    if match := _ARXIV_NEW.search(text):
        return match.group(1)
    if match := _ARXIV_OLD.search(text):
        return f"{match.group(1).lower()}/{match.group(2)}"
    return None


def doi_of_url(text: str) -> str | None:
    """Return the DOI that a resolver's address names; a publisher's address with a DOI in it may name a part."""
    return doi(text) if re.search(r"doi\.org/10\.", text, re.IGNORECASE) else None


def arxiv_id_of_url(text: str) -> str | None:
    """Return the arXiv id that an address, a DOI or an `arXiv:` mark names; other text has none."""
    return arxiv_id(text) if re.search(r"arxiv(?:\.org/|[.:/]\s*\d|:\s*[a-z-]+/)", text, re.IGNORECASE) else None


def pmid(text: str) -> str | None:
    """Return the PubMed id, digits without leading zeros, of `123`, `PMID: 123` or PubMed's address."""
    match = re.match(
        r"\s*(?:pmid\s*:?\s*|https?://\S*pubmed\S*/)?0*([1-9]\d{0,8})(?:\.0)?(?![\w.-])", text, re.IGNORECASE
    )
    return match.group(1) if match else None


def isbn(text: str) -> str | None:
    """Return the first ISBN in a text, of 10 or 13 digits, written as it is there."""
    found = re.finditer(r"(?<![\dXx-])(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\dXx-])", text)
    return next((match.group() for match in found), None)


def issn(text: str) -> str | None:
    """Return the first ISSN in a text, with its hyphen."""
    match = re.search(r"(?<![\dXx])(?<![\dXx]-)(\d{4})-?(\d{3}[\dXx])(?![\dXx-])", text)
    return f"{match[1]}-{match[2].upper()}" if match else None


def year(text: str) -> int | None:
    """Return the first year from 1500 to 2099 in a text; the date of a visit isn't the paper's."""
    text = _hyphened(text)
    match = None if _VISIT.match(text) else _YEAR.search(text)
    return int(match.group()) if match else None


def iso_date(text: str) -> str | None:
    """Return the date in a text as ISO 8601, as precise as it is given: 2024, 2024-04 or 2024-04-10."""
    text = _hyphened(text.strip())
    if _VISIT.match(text):
        return None
    if match := re.match(r"(\d{4})[-/. ](\d{1,2}|[A-Za-z]{3,9})(?:[-/. ](\d{1,2}))?(?!\d)", text):
        return _iso(match.group(1), match.group(2), match.group(3))
    if match := re.match(
        r"(?:([A-Za-z]{3,9})\.? )?(\d{1,2})(?:st|nd|rd|th)?,? (?:([A-Za-z]{3,9})\.?,? )?(\d{4})(?!\d)", text
    ):
        return _iso(match.group(4), match.group(1) or match.group(3) or "", match.group(2))
    if match := re.match(r"([A-Za-z]{3,9})\.?(?:[-–/][A-Za-z]{3,9}\.?)?,? (\d{4})(?!\d)", text):
        return _iso(match.group(2), match.group(1), None)
    found = year(text)
    return str(found) if found else None


def _hyphened(text: str) -> str:
    """Write EBSCO's `20200504` with hyphens."""
    date = _COMPACT.fullmatch(text)
    return "-".join(date.groups()) if date else text


def _iso(year_text: str, month_text: str, day_text: str | None) -> str | None:
    number = year(year_text)
    if number is None:
        return None
    month = int(month_text) if month_text.isdigit() else _MONTHS.get(month_text[:3].lower(), 0)
    if not 1 <= month <= 12:
        return str(number)
    day = int(day_text) if day_text else 0
    return f"{number}-{month:02}-{day:02}" if 1 <= day <= 31 else f"{number}-{month:02}"
