"""Names that a question mentions, and whether papers mention them too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from rag.text.entity_names import holds_name
from rag.text.language import in_another_language
from rag.text.person_names import first_author, first_authors, fold_name
from rag.text.reading import Reading, read
from rag.text.words import words
from rag.types import Evidence

_OWN_NAME = re.compile(r"\d|[a-z][A-Z]|[A-Z]{2}")


def unmentioned(question: str, evidence: Sequence[Evidence]) -> list[str]:
    """Return the proper names in the question that none of these papers mentions, spelled as in the question."""
    if in_another_language(question):
        return []
    text = "\n".join(dict.fromkeys(f"{item.paper.title}. {item.paper.abstract}" for item in evidence))
    people = {first_author(item.paper) for item in evidence}
    found = []
    for name in joined_names(question, read(question)):
        token = re.search(rf"[\w-]*{re.escape(name)}[\w-]*", question)
        whole = token[0].strip("-") if token else name  # "BIG-bench", of which only "BIG" was read
        known = fold_name(name) in people or whole in text or mentions(text, name) or mentions(text, whole)
        if _is_own_name(name, question) and not known:
            found.append(whole)
    return found


def joined_names(question: str, asked: Reading) -> list[str]:
    """Return the names of the question, neighbours as one: "Claude Code" is neither "Claude" nor "Code"."""
    joined: list[str] = []
    for name in asked.names:
        if joined and f"{joined[-1]} {name}" in question:
            joined[-1] = f"{joined[-1]} {name}"
        else:
            joined.append(name)
    return joined


def _is_own_name(name: str, question: str) -> bool:
    """Return whether a name is unique: by its digits or capitals, or because it means a paper ("Wei et al.").

    An acronym that the question itself spells out isn't: papers may use only the words.
    """
    return fold_name(name) in first_authors(question) or (
        bool(_OWN_NAME.search(name)) and not re.search(rf"\w \({re.escape(name)}s?\)", question)
    )


def misspelt(word: str, text: str) -> bool:
    """Return whether the text has nearly this word: "emergant" for "emergent"."""
    return len(word) > 4 and bool(get_close_matches(word, set(words(text)), n=1, cutoff=0.84))


def mentions(text: str, name: str) -> bool:
    """Return whether the text has the name, in any spelling."""
    return holds_name(text, name) or (name.isalpha() and misspelt(name.casefold(), text))
