"""From a loose entry to a Record: cleaned once, identifiers in one spelling, or rejected with the reason."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.sources import identifiers
from rag.sources.cleaning import MAX_ABSTRACT, MAX_TITLE, clean
from rag.sources.entry import Entry
from rag.sources.notice_fields import keyworded, title_notices, typed
from rag.sources.sections import find_sections
from rag.types import PRINTED, Notice, Origin, Record, Rejection

# What exports write for a missing abstract: Scopus "[No abstract available]", Ovid "No abstract", others N/A.
_NO_ABSTRACT = re.compile(
    r"\W*(?:(?:there is )?no abstract(?: (?:is |was )?(?:available|provided|found|present))?"
    r"|abstract (?:not|un)[ -]?available|not available|n/?a|none|null|nan|abstract|-+)?\W*",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:abstract|summary)\s*(?:[:.—–-]\s*|(?=[A-Z][a-z]*:\s))(?=\S)", re.IGNORECASE)
# EBSCO's mark after an abstract, and its note on copyright.
_RIGHTS = re.compile(r"\s*[\[(]ABSTRACT FROM [A-Z ]{1,40}[\])]")

# What stands in for authors that aren't named.
_OTHERS = re.compile(r"(?:and )?(?:others|et\.? al\.?|\[?\.\.\.\]?|…)", re.IGNORECASE)
_OTHERS_BEHIND = re.compile(r",?\s+(?:and others|et\.? al\.?)$", re.IGNORECASE)
# Two words or more, each with a capital, except particles: "Lena van der Moor", but not "Prevention".
_CAPITAL = r"[A-ZÀ-Þ][\w.'’-]*"
_PERSON = re.compile(
    rf"{_CAPITAL}(?: (?:{_CAPITAL}|v[ao]n|d[aeiu]|de[lnr]|dos|della|l[ae]|bin|al|el|te[rn]))* {_CAPITAL}"
)
# A family name and initials: "Okafor L.Y.", "van der Moor LY".
_WITH_INITIALS = re.compile(r"(?:[\w'’-]+ )*[^\W\d_][\w'’-]+ (?:[A-ZÀ-Þ](?:\.[ -]?|-)?){1,4}")
MAX_NOTE, MAX_KEYWORDS = 2_000, 200
# How the reason begins for a record that lacks only its abstract.
NO_ABSTRACT = "no abstract"


def finish(entry: Entry, file: str, format_name: str, position: int) -> Record | Rejection:
    """Make a Record of an entry, or a Rejection whose reason begins with "no abstract" where only that is missing.

    A record that reports a retraction, a correction or a concern is one without an abstract, too: it says that of a
    paper which the library has or will have.
    """
    title = _title(entry)
    abstract = _abstract(entry)
    reason = _unusable(title, abstract)
    notices = _notices(entry, title, bare=not abstract)
    if reason and not (reason == NO_ABSTRACT and notices):
        return Rejection(file, reason, entry.line, title or None)
    authors = _names(entry, entry.authors)
    named = _named(authors)
    printed = {name: clean(getattr(entry, name), entry.latex) or None for name in PRINTED}
    printed |= {"kind": _kind(entry), "pages": _pages(clean(entry.pages, entry.latex))}
    published = identifiers.iso_date(entry.published)
    year = identifiers.year(entry.year) or (int(published[:4]) if published else None)
    return Record(
        title=title,
        abstract=abstract,
        origin=Origin(file, position, entry.line, clean(entry.key) or None, entry.format or format_name),
        authors=named,
        more_authors=entry.more_authors or named != authors,
        keywords=_keywords(entry),
        isbn=identifiers.isbn(entry.isbn),
        issn=identifiers.issn(entry.issn),
        notes=tuple(dict.fromkeys(filter(None, (clean(note, entry.latex)[:MAX_NOTE] for note in entry.notes)))),
        collections=tuple(sorted({*filter(None, map(clean, entry.collections))})),
        year=year,
        venue=clean(entry.venue, entry.latex) or None,
        doi=_doi(entry),
        arxiv_id=_arxiv_id(entry),
        pmid=identifiers.pmid(entry.pmid),
        url=_url(entry.url),
        published=published or (str(year) if year else None),
        author_count=entry.author_count,
        organisation=clean(entry.organisation) or None,
        sections=find_sections(abstract),
        notices=notices,
        editors=_named(_names(entry, entry.editors)),
        groups=_named(tuple(clean(name, entry.latex) for name in entry.groups)),
        **printed,
    )


def _notices(entry: Entry, title: str, bare: bool) -> tuple[Notice, ...]:
    """Return what the record's own fields say, what its document types add, and what its title adds to both."""
    kinds = {notice.kind for notice in entry.notices}
    said = (*typed(*entry.types), *keyworded(_keywords(entry)))
    known = (*entry.notices, *{notice.kind: notice for notice in reversed(said) if notice.kind not in kinds}.values())
    own = {f"doi:{_doi(entry)}", f"pmid:{identifiers.pmid(entry.pmid)}"}
    known = tuple(replace(notice, of=()) if own & {*notice.of} else notice for notice in known)  # updated in its place
    return (*known, *title_notices(title, known, bare))


def _doi(entry: Entry) -> str | None:
    return identifiers.doi(entry.doi) or identifiers.doi_of_url(entry.url)


def _names(entry: Entry, names: tuple[str, ...]) -> tuple[str, ...]:
    groups = {clean(name, entry.latex) for name in entry.groups}
    return tuple(one for name in names for one in _each(clean(name, entry.latex), groups) if one)


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names without placeholders for unnamed authors, even after the last one: `Ng B et al.`."""
    bare = (name if _OTHERS.fullmatch(name) else _OTHERS_BEHIND.sub("", name) for name in names)
    return tuple(name for name in bare if name and not _OTHERS.fullmatch(name))


def _each(name: str, groups: set[str]) -> list[str]:
    """Split several names in one text: at `;`, or at ` and ` if both sides are a person's name."""
    if name in groups:
        return [name]
    name = re.sub(r",(?=[^\W\d_])", ", ", name)
    if ";" in name:
        return [person for one in name.split(";") for person in _each(one.strip(" ,"), groups)]
    people = re.split(r"\s+and\s+", name)
    if len(people) > 1 and all("," in one for one in people):
        return people
    people = re.split(r",?\s+and\s+|,\s+", name)
    are_people = " and " in name and all(map(_PERSON.fullmatch, people))
    return people if are_people or all(map(_WITH_INITIALS.fullmatch, people)) else [name]


def _keywords(entry: Entry) -> tuple[str, ...]:
    words = (
        word
        for text in entry.keywords
        for word in re.split(r"[;\n|]", "\n".join(clean(line, entry.latex) for line in text.split("\n")))
    )
    return tuple(dict.fromkeys(filter(None, (word.strip(" .,*/") for word in words))))[:MAX_KEYWORDS]


def _kind(entry: Entry) -> str | None:
    """Return the kind; a paper of no known kind that is only in arXiv is a preprint."""
    alone = not entry.venue or "arxiv" in entry.venue.lower()
    return "article" if entry.kind == "document" and alone and _arxiv_id(entry) else entry.kind or None


def _pages(text: str) -> str | None:
    """Return pages with plain hyphens, "12-34", or an article's number."""
    pages = re.sub(r"\s*[-‐-―]+\s*", "-", text).strip("-")
    return None if pages.lower() in ("", "n/a", "no-no") else pages


def _title(entry: Entry) -> str:
    title = clean(entry.title, entry.latex)
    # PubMed writes translated titles as "[Title]."
    if match := re.fullmatch(r"\[([^\[\]]+)\]\.?", title):
        title = match.group(1)
    return "" if title.lower() in ("untitled", "no title", "[no title]", "n/a") else title


def _abstract(entry: Entry) -> str:
    abstract = clean(entry.abstract, entry.latex)
    abstract = _RIGHTS.split(abstract, maxsplit=1)[0]
    if _NO_ABSTRACT.fullmatch(abstract) or not any(map(str.isalpha, abstract)):
        return ""
    return _LABEL.sub("", abstract, count=1) if _LABEL.match(abstract) else abstract


def _unusable(title: str, abstract: str) -> str:
    if not title and not abstract:
        return "no title and no abstract"
    if not title:
        return "no title: give the record one"
    if len(title) > MAX_TITLE:
        return f"the title has {len(title):,} characters, more than {MAX_TITLE:,}: too long for a title"
    if not abstract:
        return NO_ABSTRACT
    if len(abstract) > MAX_ABSTRACT:
        return f"the abstract has {len(abstract):,} characters, more than {MAX_ABSTRACT:,}: too long for an abstract"
    return ""


def _arxiv_id(entry: Entry) -> str | None:
    found = identifiers.arxiv_id(entry.arxiv_id) if entry.arxiv_id else None
    return found or identifiers.arxiv_id_of_url(entry.doi) or identifiers.arxiv_id_of_url(entry.url)


def _url(text: str) -> str | None:
    """Return the first web address; other schemes (`javascript:`, `file:`) are ignored."""
    match = re.search(r"https?://[^\s<>\"]+", clean(text))
    return match.group() if match else None
