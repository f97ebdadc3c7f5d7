"""What a question wants defined, and whether a sentence defines it or only mentions it."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.words import fold

# "What is X?", "What does X mean?", "What is meant by X?".
DEFINED = re.compile(
    r"what (?:exactly )?(?:(?P<one>is)|are|do(?P<does>es)?(?=.* (?:mean|refer to|stand for)$))(?: meant by)? "
    r"(?P<what>(?:an? |the )?[\w'’-]+(?: [\w'’-]+){0,3}?)(?: (?:mean|refer to|stand for))?",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the) ")
# "Drift in lamps" is drift.
_WHERE = re.compile(r" (?:in|for|on|at|among|with|within) .*")
_ENDING = re.compile(r"(?<=\w{3})(?:ies|y|es|s)$")
_QUOTE = r"[\"'“”‘’]?"
_FORMS = (
    # "Drift is a slow turn", "Drifts are turns that …".
    r"^(?:an? |the )?{name} (?:is|are) (?:an?|the|any|one|when|defined)\b",
    r"^(?:the )?{name} are (?:[\w-]+ ){{1,6}}(?:that|which|whose|where)\b",
    r"{name} (?:refers?|means?|denotes?|(?:is|are) defined|(?:occurs?|arises?|happens?) when)\b",
    # "A slow turn, known as drift", "We call this drift".
    r"\b(?:called|termed|named|dubbed|(?:known|referred to|defined) as|refer to(?: \w+)? as|define|"
    r"calls?(?: (?:this|these|it|them))?)(?: (?:an?|the|as))? {name}",
    # "Drift, i.e., a slow turn", "drift, or slow turns", "drift, a turn", "drift: a turn", "a slow turn (drift)".
    r"{name},? (?:i\.e\.|that is\b|namely\b)",
    r"(?<!\bin )(?<!\bof )(?<!\bfor )(?<!\bon )(?<!\bwith ){name}(?:, (?:an?|or|in which|which (?:is|are))\b|:)",
    r"\({name}\)",
    r"\bby {name},? we (?:mean|refer|understand)\b",
)


def asked_thing(question: str) -> str:
    """Return what a question wants defined, without its article; empty where it asks for no definition."""
    found = DEFINED.fullmatch(" ".join(fold(question).split()).rstrip("?.! "))
    return _ARTICLE.sub("", found["what"]) if found else ""


def defines(thing: str, sentence: str) -> bool:
    """Return whether a sentence says what a thing is."""
    return any(form.search(fold(sentence)) for form in _forms(fold(thing)))


@lru_cache(maxsize=256)
def _forms(thing: str) -> tuple[re.Pattern[str], ...]:
    names = dict.fromkeys((thing, _WHERE.sub("", thing)))
    either = "|".join(
        r"[\s-]+".join((*map(re.escape, first), re.escape(_ENDING.sub("", last)) + r"(?:ies|y|es|s)?\b"))
        for *first, last in (name.split() for name in names if name)
    )
    named = rf"{_QUOTE}\b(?:{either}){_QUOTE}(?: \([\w-]+\))?"
    return tuple(re.compile(form.replace("{name}", named).replace("{{", "{").replace("}}", "}")) for form in _FORMS)
