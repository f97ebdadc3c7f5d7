"""Export of papers: BibTeX, RIS, CSL-JSON, JSON Lines and Markdown for pandoc, under the user's own citation keys."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag.bibliography import publication_types
from rag.errors import ConfigError
from rag.text.person_names import name_parts
from rag.text.words import STOPWORDS, fold, words
from rag.types import Answer, Citation, Notice, Paper
from rag.views import sentence_changes
from rag.views.citation_signs import Sign, with_marks
from rag.views.documents import provenance

# https://pandoc.org/MANUAL.html#citation-syntax: any other key must be in braces.
_PLAIN_KEY = re.compile(r"\w(?:[:.#$%&\-+?<>~/]?\w)*")
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


def citation_keys(papers: Sequence[Paper]) -> dict[str, str]:
    """Return paper id → citation key, each key once: the user's own, else family name, year, first word of the title.

    Where two papers claim one key, the first keeps it and the other's is lengthened by digits of its id, so that later
    papers change nothing. Give all papers of a library, for the same keys in every export.
    """
    keys: dict[str, str] = {}
    taken: set[str] = set()
    own_keys_first = sorted(papers, key=lambda paper: _usable(paper.key) is None)
    for paper in own_keys_first:
        key = _usable(paper.key) or _made(paper)
        digest = hashlib.sha256(paper.id.encode()).hexdigest()
        length = 0
        while key.lower() in taken:  # BibTeX compares keys without case
            length += 4
            key = f"{_usable(paper.key) or _made(paper)}-{digest[:length]}"
        taken.add(key.lower())
        keys[paper.id] = key
    return keys


def answer_markdown(answer: Answer, keys: Mapping[str, str] | None = None, library: str = "") -> str:
    """Return an answer as Markdown with pandoc's citations, `[@fell2020; @ng2021]`, and the papers cited below it.

    Doubts, disagreements, notes and the answer that stands in for a model's are kept, and the receipt is named.
    `keys` must be those of the bibliography that pandoc is given; by default they are made of the cited papers alone.
    """
    papers = cited_papers(answer)
    known = citation_keys(papers) if keys is None else keys
    parts = [f"# {_markdown(answer.question)}", *_body(answer, known)]
    warnings = [f"- [@{_quoted(known[p.id])}]: {_warning(notice)}" for p in papers for notice in p.notices]
    parts += ["\n".join(warnings)] if warnings else []
    parts += [_markdown(made)] if (made := provenance(answer, library)) else []
    parts += [f"# References\n\n{_bibliography(papers, known)}".rstrip()] if papers else []
    return "\n\n".join(parts) + "\n"


def cited_papers(answer: Answer) -> list[Paper]:
    """Return the papers that an answer, or the one that stands in for it, cites."""
    spare = answer.fallback.papers if answer.fallback else ()
    return list({paper.id: paper for paper in (*answer.papers, *spare)}.values())


def _body(answer: Answer, keys: Mapping[str, str]) -> list[str]:
    """Return the paragraphs of an answer: its text, its notes, and the answer that stands in for it."""

    def marks(pins: Sequence[tuple[Citation, Sign]]) -> str:
        cited = dict.fromkeys(pin.paper.id for pin, _ in pins)
        return f"[{'; '.join('@' + _quoted(keys[paper]) for paper in cited)}]" if cited else ""

    text = " ".join(with_marks(sentence, _markdown, marks) for sentence in answer.sentences) or _markdown(answer.text)
    notes = "\n".join(f"- {_markdown(line)}" for line in sentence_changes.lines(answer))
    spare = _body(answer.fallback, keys) if answer.fallback else []
    return [text, *([notes] if notes else []), *spare]


def _warning(notice: Notice) -> str:
    """Write a notice for a reader."""
    return _markdown(_notice_text(notice))


def _quoted(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else f"{{{key}}}"


def _usable(key: str | None) -> str | None:
    """Return the user's key in a form that BibTeX accepts; unchanged where possible."""
    return re.sub(r"[\s{}(),=\"#%\\~']+", "-", key).strip("-") or None if key else None


def _made(paper: Paper) -> str:
    title = [word for word in words(paper.title) if word not in STOPWORDS and word.isascii() and word.isalnum()]
    family = _ascii(name_parts(paper, paper.authors[0])[0]) if paper.authors else ""
    if family:
        return f"{family}{paper.year or ''}{''.join(title[:1])}"
    return "-".join(title[:3]) + (str(paper.year) if paper.year and title else "") or "paper"


def _container(paper: Paper) -> str:
    """Return the name of a paper's container; a book's or report's venue is often its publisher or series."""
    return paper.venue if paper.venue and paper.venue not in (paper.publisher, paper.series) else ""


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _notice_text(notice: Notice) -> str:
    """Write a notice so that it is read back, with the record that says it where that isn't the paper's own."""
    return f"{notice.kind.capitalize()}: {_said(notice)}".rstrip(": ")


def _said(notice: Notice) -> str:
    return f"{notice.text} (says {notice.said_by})".lstrip() if notice.said_by else notice.text


def _url(paper: Paper) -> str | None:
    return paper.url or (f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else None)


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
        _BIBTEX_CONTAINERS.get(entry_type, "howpublished"): _latex(_container(paper)),
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
        "url": _bare(_url(paper) or ""),
        "keywords": _latex("".join(f"{word}; " for word in paper.keywords).rstrip()),
        "isbn": paper.isbn or "",
        "issn": paper.issn or "",
        "note": "; ".join(_latex(_notice_text(notice)) for notice in paper.notices),
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
        ("T2", _container(paper)),
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
        ("UR", _url(paper)),
        ("SN", paper.isbn or paper.issn),
        *(("KW", word) for word in paper.keywords),
        *(("N1", _notice_text(notice)) for notice in paper.notices),
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
    noted += [*(_notice_text(notice) for notice in paper.notices), *paper.notes]
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
        "container-title": _container(paper),
        "volume": paper.volume,
        "number" if paper.kind in ("report", "patent", "standard") else "issue": paper.issue,
        "page": paper.pages,
        "collection-title": paper.series,
        "edition": paper.edition,
        "publisher": paper.publisher,
        "DOI": paper.doi,
        "PMID": paper.pmid,
        "URL": _url(paper),
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
    fields_of["notices"] = [{"kind": notice.kind, "text": _said(notice)} for notice in paper.notices]
    return {name: value for name, value in fields_of.items() if value}


def _bibliography(papers: Sequence[Paper], keys: Mapping[str, str]) -> str:
    return "".join(f"- {_reference(paper)} [@{_quoted(keys[paper.id])}]\n" for paper in papers)


def _reference(paper: Paper) -> str:
    authors = [
        *paper.authors[:3],
        *(["et al."] if len(paper.authors) > 3 or (paper.authors and paper.more_authors) else []),
    ]
    who = "; ".join(map(_markdown, authors)) or _markdown(paper.organisation or "")
    link = f"<https://doi.org/{paper.doi}>" if paper.doi else f"<{_url(paper)}>" if _url(paper) else ""
    year = f"({paper.year})." if paper.year else ""
    title = _markdown(paper.title if paper.title.endswith(("?", "!", ".")) else f"{paper.title}.")
    number = f" {paper.volume or ''}{f'({paper.issue})' if paper.issue else ''}".rstrip()
    place = f"{number}{f', {paper.pages}' if paper.pages else ''}" if paper.venue else ""
    venue = f"*{_markdown(paper.venue)}*{_markdown(place)}." if paper.venue else ""
    venue = venue or (f"{_markdown(paper.publisher)}." if paper.publisher else "")
    retracted = f"**Reported as retracted by {_markdown(paper.retracted_by)}.**" if paper.retracted else ""
    return " ".join(filter(None, (who, year, title, venue, link, retracted)))


def _markdown(text: str) -> str:
    """Escape what Markdown and pandoc would take for markup, a citation included."""
    return re.sub(r"([\\`*_{}\[\]<>@$^~#|]|-(?=-))", r"\\\1", text)


FORMS: dict[str, Callable[[Sequence[Paper], Mapping[str, str]], str]] = {
    "bibtex": _bibtex,
    "ris": _ris,
    "csl-json": _csl_json,
    "jsonl": _jsonl,
    "markdown": _bibliography,
}
