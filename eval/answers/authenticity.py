"""Whether the passages of an answer are what the library holds: a system may hand in texts that it made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eval.answers.responses import Passage, Response

# What an answer gets whose passages are not all the library's.
ISSUE = "passage_not_in_library"


def without_made_up(response: Response, papers: Mapping[str, tuple[str, str]]) -> Response:
    """Take the text from every passage that isn't in the library, given as {paper id: (title, abstract)}.

    Marks on such a passage lead nowhere, and its paper was not retrieved. White space and case are not compared.
    """
    checked = tuple(p if _is_held(p, papers) else replace(p, text="") for p in response.passages)
    unknown = {passage.id for passage in checked if not passage.text} | (set(response.retrieved) - set(papers))
    if checked == response.passages and not unknown:
        return response
    kept = {passage.id for passage in checked if passage.text}
    retrieved = tuple(paper for paper in response.retrieved if paper not in unknown or paper in kept)
    return replace(response, passages=checked, retrieved=retrieved, issues=(*response.issues, ISSUE))


def _is_held(passage: Passage, papers: Mapping[str, tuple[str, str]]) -> bool:
    title, abstract = papers.get(passage.id, ("", ""))
    return bool(passage.text.strip()) and _fold(passage.text) in _fold(f"{title} {abstract}")


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
