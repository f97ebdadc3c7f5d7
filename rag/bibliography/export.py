"""Export of papers: BibTeX, RIS, CSL-JSON, JSON Lines and Markdown, under the user's own citation keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag.bibliography import publication_types
from rag.bibliography.citation_keys import citation_keys
from rag.bibliography.markdown import bibliography
from rag.bibliography.paper_fields import container, notice_text, said, url
from rag.errors import ConfigError
from rag.text.person_names import name_parts
from rag.types import Paper

_SUFFIX = re.compile(r"(?P<family>[^,]+), (?P<given>[^,]+), (?P<suffix>[^,]+)")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


# BibTeX's fields for the container and the publisher, by entry type (btxdoc, section 3.1).
_BIBTEX_CONTAINERS = {"article": "journal", "inproceedings": "booktitle", "incollection": "booktitle",
                      "inreference": "booktitle"}  # fmt: skip
_BIBTEX_PUBLISHERS = {"techreport": "institution", "phdthesis": "school", "mastersthesis": "school", "thesis": "school"}


def exported(papers: Sequence[Paper], form: str, keys: Mapping[str, str] | None = None) -> str:
    """Return papers as one text in a form of `FORMS`. `keys` (paper id → citation key) defaults to `citation_keys`.

    Raises ConfigError for an unknown form.
    """
    if form not in FORMS:
        raise ConfigError(f"{form!r} isn't an export format: use one of {', '.join(FORMS)}")
    return FORMS[form](papers, citation_keys(papers) if keys is None else keys)


def _latex(text: str) -> str:
    escaped = "".join(_LATEX.get(character, character) for character in text)
    # `--` is a dash and two quotes are one in LaTeX.
    return re.sub(r"-(?=-)", "-{}", escaped).replace("``", "`{}`").replace("''", "'{}'")


def _bibtex(papers: Sequence[Paper], keys: Mapping[str, str]) -> str:
    return "\n".join(_bibtex_entry(paper, keys[paper.id]) for paper in papers)


def _bibtex_entry(paper: Paper, key: str) -> str:
    month = (paper.published or "")[5:7]
    row = publication_types.KINDS.get(paper.kind or "")
    entry_type = row.bibtex if row else "article" if paper.venue else "misc"
    others = ["others"] if paper.more_authors and paper.authors else []
    edited = paper.editors == paper.authors  # a collection has editors where another has authors
    fields = {
        "title": f"{{{_latex(paper.title)}}}",  # braces keep a style from lowering its case
        "author": "" if edited else " and ".join([*(_bibtex_name(paper, name) for name in paper.authors), *others]),
        "editor": " and ".join(_bibtex_name(paper, name) for name in paper.editors),
        "year": str(paper.year or ""),
        "month": str(int(month)) if month else "",
        "date": paper.published or "",
        _BIBTEX_CONTAINERS.get(entry_type, "howpublished"): _latex(container(paper)),
        "volume": _latex(paper.volume or ""),
        "number": _latex(paper.issue or ""),
        "pages": re.sub(r"(?<=\w)-(?=\w)", "--", _latex(paper.pages or "")),
        "series": _latex(paper.series or ""),
        "edition": _latex(paper.edition or ""),
        _BIBTEX_PUBLISHERS.get(entry_type, "publisher"): _latex(paper.publisher or ""),
        "doi": _bare(paper.doi or ""),
        "eprint": paper.arxiv_id or "",
        "archiveprefix": "arXiv" if paper.arxiv_id else "",
        "pmid": paper.pmid or "",
        "url": _bare(url(paper) or ""),
        "keywords": _latex("".join(f"{word}; " for word in paper.keywords).rstrip()),
        "isbn": paper.isbn or "",
        "issn": paper.issn or "",
        "note": "; ".join(_latex(notice_text(notice)) for notice in paper.notices),
        "annote": _latex("; ".join(paper.notes)),
        "abstract": _latex(paper.abstract),
    }
    lines = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items() if text)
    return f"@{entry_type}{{{key},\n{lines}}}\n"


def _bare(address: str) -> str:
    """Return an address that can't end its field: BibTeX counts braces, and takes an address as it is."""
    return re.sub(r"[{}\\]", lambda found: f"%{ord(found[0]):02X}", address)


def _bibtex_name(paper: Paper, name: str) -> str:
    escaped = _latex(name)
    suffix = _SUFFIX.fullmatch(escaped)
    if suffix and name not in paper.groups:
        return f"{suffix['family']}, {suffix['suffix']}, {suffix['given']}"
    group = name in paper.groups or ("," not in name and not name_parts(paper, name)[1])
    return f"{{{escaped}}}" if group or re.search(r"\band\b", name, re.IGNORECASE) else escaped


def _ris(papers: Sequence[Paper], keys: Mapping[str, str]) -> str:
    return "\n".join(_ris_record(paper, keys[paper.id]) for paper in papers)


def _ris_record(paper: Paper, key: str) -> str:
    row = publication_types.KINDS.get(paper.kind or "")
    first, last = _page_range(paper.pages or "")
    lines: list[tuple[str, str | None]] = [
        ("TY", row.ris if row else "JOUR" if paper.venue else "GEN"),
        ("M3", row.genre if row else None),
        ("ID", key),
        ("TI", paper.title),
        *(("AU", _ris_name(paper, author)) for author in paper.authors),
        ("AU", "et al." if paper.more_authors and paper.authors else None),
        *(("ED", _ris_name(paper, editor)) for editor in paper.editors),
        ("PY", str(paper.year) if paper.year else None),
        ("DA", paper.published.replace("-", "/") if paper.published else None),
        ("T2", container(paper)),
        ("T3", paper.series),
        ("VL", paper.volume),
        ("IS", paper.issue),
        ("SP", first),
        ("EP", last),
        ("ET", paper.edition),
        ("PB", paper.publisher),
        ("DO", paper.doi),
        ("AN", f"PMID: {paper.pmid}" if paper.pmid else None),
        ("M1", f"arXiv: {paper.arxiv_id}" if paper.arxiv_id else None),
        ("UR", url(paper)),
        ("SN", paper.isbn or paper.issn),
        *(("KW", word) for word in paper.keywords),
        *(("N1", notice_text(notice)) for notice in paper.notices),
        *(("N1", note) for note in paper.notes),
        ("AB", paper.abstract),
    ]
    return "".join(f"{tag}  - {text}\r\n" for tag, text in lines if text) + "ER  - \r\n"


def _ris_name(paper: Paper, name: str) -> str:
    """Write a name; a trailing comma marks an organisation, as in EndNote's files."""
    return f"{name}," if name in paper.groups else name


def _page_range(pages: str) -> tuple[str, str]:
    """Split "12-34"; anything else is returned whole as the first page."""
    found = re.fullmatch(r"([^\s,;-]+)-([^\s,;-]+)", pages)
    return (found[1], found[2]) if found else (pages, "")


def _csl_json(papers: Sequence[Paper], keys: Mapping[str, str]) -> str:
    return json.dumps([_csl_item(paper, keys[paper.id]) for paper in papers], ensure_ascii=False, indent=2) + "\n"


def _csl_item(paper: Paper, key: str) -> dict[str, Any]:
    noted = [f"arXiv: {paper.arxiv_id}"] if paper.arxiv_id else []
    noted += [*(notice_text(notice) for notice in paper.notices), *paper.notes]
    date = [int(part) for part in (paper.published or str(paper.year or "")).split("-") if part]
    row = publication_types.KINDS.get(paper.kind or "")
    guess = paper.kind or ("article-journal" if paper.venue else "article")
    others = [{"literal": "others"}] if paper.more_authors and paper.authors else []
    item: dict[str, Any] = {
        "id": key,
        "type": row.csl if row else guess,
        "genre": row.genre if row else None,
        "title": paper.title,
        "author": [*(_csl_name(paper, name) for name in paper.authors), *others],
        "editor": [_csl_name(paper, name) for name in paper.editors],
        "issued": {"date-parts": [date]} if date else None,
        "container-title": container(paper),
        "volume": paper.volume,
        "number" if paper.kind in ("report", "patent", "standard") else "issue": paper.issue,
        "page": paper.pages,
        "collection-title": paper.series,
        "edition": paper.edition,
        "publisher": paper.publisher,
        "DOI": paper.doi,
        "PMID": paper.pmid,
        "URL": url(paper),
        "ISBN": paper.isbn,
        "ISSN": paper.issn,
        "keyword": "; ".join(paper.keywords),
        "note": "\n".join(noted),
        "abstract": paper.abstract,
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(paper: Paper, name: str) -> dict[str, str]:
    family, given = name_parts(paper, name)
    if (suffix := _SUFFIX.fullmatch(name)) and given:
        return suffix.groupdict()
    return {"family": family, "given": given} if given else {"literal": name}


def _jsonl(papers: Sequence[Paper], keys: Mapping[str, str]) -> str:
    return "".join(json.dumps(_plain(paper, keys[paper.id]), ensure_ascii=False) + "\n" for paper in papers)


def _plain(paper: Paper, key: str) -> dict[str, Any]:
    fields = (
        "title",
        "abstract",
        "authors",
        "year",
        "venue",
        "doi",
        "arxiv_id",
        "pmid",
        "url",
        "published",
        "author_count",
        "organisation",
        "kind",
        "volume",
        "issue",
        "pages",
        "series",
        "edition",
        "publisher",
        "editors",
        "groups",
        "more_authors",
        "keywords",
        "isbn",
        "issn",
        "notes",
        "collections",
    )
    fields_of: dict[str, Any] = {"id": key} | {name: getattr(paper, name) for name in fields}
    fields_of["notices"] = [{"kind": notice.kind, "text": said(notice)} for notice in paper.notices]
    return {name: value for name, value in fields_of.items() if value}


FORMS: dict[str, Callable[[Sequence[Paper], Mapping[str, str]], str]] = {
    "bibtex": _bibtex,
    "ris": _ris,
    "csl-json": _csl_json,
    "jsonl": _jsonl,
    "markdown": bibliography,
}
