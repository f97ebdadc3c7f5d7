"""Short names for papers, so that a model can distinguish them and say who found what: "Okafor et al. 2021"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rag.text.person_names import name_parts
from rag.types import Paper
from rag.write.injection import is_order

_LONGEST = 60  # characters of a name
_SHORT = 4  # words before a title's colon that are a proper name: "Snowline: forecasting …"
_WORDS = 6  # of a title without one
_NAME_WORDS = 4
_YEAR = re.compile(r" (\d{4}[a-z]?)$")
_NAME = re.compile(r"(?:[^\W\d_]|[ .'’‐‑–-])+")


def handles(papers: Iterable[Paper]) -> dict[str, str]:
    """Return paper id → handle, no two alike: first author and year, else a name from the title."""
    found: dict[str, str] = {}
    for paper in papers:
        handle = " ".join(filter(None, (name_of_paper(paper), str(paper.year or ""))))
        taken = set(found.values())
        letters = (f"{handle}{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")
        found[paper.id] = handle if handle not in taken else next((h for h in letters if h not in taken), paper.id)
    return found


def name_of_paper(paper: Paper) -> str:
    """Return how a sentence names a paper: by its authors, else by its title."""
    families = [name_parts(paper, name)[0] for name in paper.authors]
    if families and all(map(_is_a_name, families[:2])):
        others = f" and {families[1]}" if len(families) == 2 else " et al." if len(families) > 2 else ""
        return f"{families[0]}{others}"[:_LONGEST]
    if not paper.title or is_order(paper.title):
        return paper.id
    name, colon, _ = paper.title.partition(":")
    words = (name if colon and len(name.split()) <= _SHORT else paper.title).split()
    return " ".join(words[:_WORDS])[:_LONGEST]


def _is_a_name(family: str) -> bool:
    """Whether this can be a family name: it may come from anyone, and a model reads it."""
    return len(family.split()) <= _NAME_WORDS and _NAME.fullmatch(family) is not None and not is_order(family)


def without_years(text: str, papers: Sequence[Paper], known: Mapping[str, str]) -> str:
    """Return a sentence with the years removed from the names of its papers.

    A sentence is checked against abstracts, and an abstract doesn't contain its paper's year.
    """
    for paper in papers:
        year = known[paper.id].removeprefix(name_of_paper(paper)).strip()
        if year:
            name = re.escape(name_of_paper(paper)).replace(r"\ and\ ", r"\ (?:and|&)\ ")
            text = re.sub(rf"\s*[(\[](?:see )?{name},?\s*{year}[a-z]?[)\]]", "", text)
            text = re.sub(rf"({name}),?\s*(?:\({year}[a-z]?\)|{year}[a-z]?\b)", r"\1", text)
    return text


def papers_named(text: str, known: Mapping[str, str]) -> list[str]:
    """Return the ids of the papers whose handles are in a text, in any case: "(Okafor et al., 2021)"."""
    return [paper for paper, handle in known.items() if re.search(_pattern(handle), text, re.IGNORECASE)]


def paper_called(name: str, known: Mapping[str, str]) -> list[str]:
    """Return the ids of the papers that a name refers to; it may lack the year if only one paper has it."""
    bare = [
        paper for paper, handle in known.items() if _YEAR.sub("", handle).casefold() == name.strip(" .[]()").casefold()
    ]
    return papers_named(name, known) or (bare if len(bare) == 1 else [])


def _pattern(handle: str) -> str:
    words = [re.escape(word) for word in _YEAR.sub("", handle).split()]
    name = r"[\s,]+".join("(?:and|&)" if word == "and" else word for word in words)
    year = _YEAR.search(handle)
    return rf"(?<!\w){name}" + (rf"[\s,(\[]*{year[1]}\b" if year else r"(?!\w)")
