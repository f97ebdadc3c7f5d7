"""DOIs in a text, however it escapes them, and what a DOI shows by itself: a preprint's, a version's.

https://www.crossref.org/blog/dois-and-matching-regular-expressions/
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

# Old DOIs hold a SICI, with `<` and `>` around the place in the volume: (SICI)1097-0258(19980815/30)17:15/16<1661::AID-
# SIM968>3.0.CO;2-2, 1520-0442(1997)010<1004:R>2.0.CO;2. https://www.niso.org/publications/z3956-1996-r2002-sici
_SICI = r"(?:\(SICI\))?\d{4}-?\d{3}[\dX]\([^()\s]*\)[^\s\"<>]*<[^\s\"<>]*>[^\s\"<>{}|\\^`&?#]*"
_DOI = re.compile(rf"\b10\.\d{{4,9}}(?:\.\d+)*/(?:{_SICI}|\(SICI\)[^\s\"]+|[^\s\"<>{{}}|\\^`&?#]+)", re.IGNORECASE)
_SIGNS = {"less": "<", "greater": ">", "underscore": "_", "asciitilde": "~"}
_NAMED = re.compile(rf"\{{?\\text({'|'.join(_SIGNS)})(?:\{{\}}|[ \t])?\}}?")
_IN_MATH = re.compile(r"\{?\$\s*([<>])\s*\$\}?")
_ESCAPED = re.compile(r"\\([_&%#~{}<>$])")
_GROUPED = re.compile(r"\{([<>_&%#;:()\[\]])\}")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
# Registrants of preprints, whose papers appear again under a journal's DOI: bioRxiv, medRxiv, arXiv, Research Square,
# Preprints.org, PsyArXiv, OSF, SocArXiv, EarthArXiv, ChemRxiv, SSRN, TechRxiv, Authorea, ESSOAr, PeerJ, Zenodo, HAL,
# Qeios, Cambridge Open Engage, EdArXiv, SciELO, Copernicus' discussions; and JSTOR, which registers its own copies.
_COPIES = re.compile(
    r"10\.(?:(?:1101|48550|21203|20944|31234|31219|17605|31235|31223|26434|2139|36227|22541|5281|32388|33774)/|35542/"
    r"|2307/"
    r"|1002/essoar|7287/peerj\.preprints|1590/scielopreprints|5194/[a-z]+-\d{4}-\d+$)",
    re.IGNORECASE,
)
_AND = "\ue026"  # means & inside a DOI
# A name for a paper that is a DOI: bare, after `doi:`, at the end of a resolver's address or of a publisher's.
_NAME = re.compile(
    r"(?:doi\b[\s:=]*)?(?:(?:https?://)?[\w-]+(?:\.[\w-]+)+/\S*?\b|https?://\S*?\b)?10\.\d{4,9}(?:\.\d+)*/\S+",
    re.IGNORECASE,
)
# What publishers append to a DOI in the address of a page.
_PAGE = re.compile(r"(?:/(?:full|abstract|pdf|epdf|meta|summary|html|fulltext)|(?<=\d)v\d+(?:\.[a-z-]+)*)/?$")
_VERSION = re.compile(r"(?:\.pub|/v|\.v)\d+$|(?<=10\.12688/)([a-z]+\.\d+)\.\d+$", re.IGNORECASE)


def unescaped(text: str) -> str:
    """Return a text that contains a DOI as it is printed, whatever was done for LaTeX, XML or an address."""
    if "\\" in text or "{" in text or "$" in text:
        text = _NAMED.sub(lambda found: _SIGNS[found[1]], text)
        text = _GROUPED.sub(r"\1", _ESCAPED.sub(r"\1", _IN_MATH.sub(r"\1", text)))
    for _ in range(2):  # exports often escape twice: &amp;lt;
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return unquote(text) if "%" in text else text


def find_dois(text: str) -> list[str]:
    """Return all DOIs in a text in lower case, as they compare without case."""
    return [found for match in _DOI.finditer(unescaped(text)) if (found := _trimmed(match.group().lower()))]


def first_doi(text: str) -> str | None:
    """Return the first DOI in a text (bare, `doi:`, a resolver's address), in lower case."""
    if "10." not in text:
        return None
    plain = unescaped(text)
    if "&" in plain and not re.search(r"[?=]", plain):  # no part of an address: it belongs to the DOI
        plain = plain.replace("&", _AND)
    return next((found.replace(_AND, "&") for found in find_dois(plain)), None)


def named_doi(name: str) -> str | None:
    """Return the DOI that a name for a paper is, if it is one: escaped in any way, or the address of its page."""
    plain = unescaped(name.strip())
    if not _NAME.fullmatch(plain) or (found := first_doi(plain)) is None:
        return None
    return _PAGE.sub("", found) if "://" in plain and "doi.org/" not in plain else found


def is_of_a_copy(doi: str) -> bool:
    """Return whether a DOI is a preprint's or an archive's: the paper has another from its journal."""
    return bool(_COPIES.match(doi))


def without_version(doi: str) -> str:
    """Return what the DOIs of all versions of one work have in common: those of a Cochrane review end in `.pub3`."""
    return _VERSION.sub(lambda found: found[1] or "", doi)


def _trimmed(found: str) -> str:
    """Remove what the surrounding text has appended to a DOI."""
    found = found.rstrip(".,;:'’”/")
    while found.endswith((")", "]")) and found.count("(") + found.count("[") < found.count(")") + found.count("]"):
        found = found[:-1].rstrip(".,;:'")
    return found
