"""Whether a sentence tells something of its own.

What only announces, or repeats the question, carries no answer, however near to the question it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.words import fold, term_set, terms

# What was done, hoped or left open, not what came out.
_ANNOUNCES = re.compile(
    r"\b(?:is|are|remains?|have been) (?:still |yet |often |largely )*(?:lacking|unclear|unknown|unexplored|"
    r"under-?explored|under-?studied|(?:poorly|not (?:well|fully)) understood)\b|"
    r"\blittle is (?:still )?(?:known|understood)\b|\black a (?:clear|deep|full|thorough) understanding\b|"
    r"\b(?:it is|it's|it remains) (?:important|crucial|essential|vital|necessary)\b|"
    r"\b(?:sheds?|shedding|cast|casts) (?:new |some |more )?lights?\b|\bfuture (?:work|research|studies|directions)\b|"
    r"\b(?:we|the authors|this (?:paper|work|study|article)|i) (?:then |also |further |next |finally |first )*"
    r"(?:hopes?|close|conclude by (?:suggesting|discussing|calling)|discuss(?:es)?|call for|"
    r"isolates?|investigates?|examines?|stud(?:y|ies)|asks?|tests? whether|releases?)\b"
)
# An aim told together with what came of it: "we investigate X, discovering that …".
_FINDS = re.compile(
    r"\b(?:and (?:show|find|found|demonstrate|prove|observe|discover)|(?:show|find|reveal|discover|demonstrat)ing|"
    r"(?:find|found|finds|shows?|showed|discover(?:s|ed)?|reveals?|revealed|demonstrates?d?|observed?) that)\b"
)
# What gives a reason, and what asks for one.
_CAUSE = re.compile(
    r"\b(?:caus\w+|induc\w+|trigger\w*|leads? to|led to|leading to|result(?:s|ed|ing)? in|driv(?:es?|en|ing)|"
    r"drove|due to|because|owing to|aris(?:es?|ing) from|arose from|stems? from|brings? about|brought about|"
    r"gives? rise|gave rise|responsible for|explain(?:s|ed)? by|depends? on|produces?|produced|makes?|elicit\w*|why)\b"
)
_ASKS_CAUSE = re.compile(
    r"^(?:and |but |so )?why\b|\b(?:what|which)(?: [\w-]+){0,3} (?:trigger|caus|induc|driv|explain|produc|lead|elicit|"
    r"account|brings?|gives? rise|makes?)\w*\b|\bdue to what\b|"
    r"\b(?:cause|reason|origin|trigger|driver)s? (?:of|for|behind)\b"
)
# Words that tell that there is something, not what.
_EMPTY = frozenset(terms(
    "show shown find found observe see seen study paper work report present describe call name know known arise occur "
    "exist happen appear phenomenon effect first new recent recently"
))  # fmt: skip
# "Does X reduce Y?": here the sentence that says so in the question's own words is the answer.
_POLAR = re.compile(
    r"^(?:and |but |so )?(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might)(?:n't)?\b"
)

# Where something is to be found, told in a sentence of few words: "Code and data are available at …".
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\b\w+\.(?:com|org|io|net)/\S*")
_POINTS = re.compile(
    r"\b(?:available|accessible|released?|found (?:at|here|in our)|open-?sourced?|project (?:web)?(?:page|site)|"
    r"download(?:ed|able)?|hosted|upon (?:acceptance|publication|request))\b"
)
_FEW_TERMS = 7
_ASKS_WHERE = re.compile(
    r"\b(?:code|repositor(?:y|ies)|available|availability|download\w*|urls?|links?|web ?(?:site|page)s?|github|where|"
    r"project page|open-?sourced?|released?)\b"
)


def points_elsewhere(sentence: str, question: str) -> bool:
    """Tell whether a sentence only says where something is to be found, and the question asks for something else."""
    if _ASKS_WHERE.search(fold(question)):
        return False
    said = fold(_ADDRESS.sub(" ", sentence))
    points = _ADDRESS.search(sentence) is not None or _POINTS.search(said) is not None
    return points and len(set(terms(said))) <= _FEW_TERMS and not tells_a_finding(sentence)


def is_echo(sentence: str, question: str) -> bool:
    """Tell whether a sentence adds nothing to the words of a question that asks for more than a yes or no.

    One word more may be all that was asked for: a figure, a name, "oak".
    """
    return not _POLAR.match(fold(question).strip()) and term_set(sentence) <= term_set(question) | _EMPTY


@lru_cache(maxsize=4096)
def announces(sentence: str) -> bool:
    """Tell whether a sentence says what is to be done or hoped instead of what was found."""
    return _ANNOUNCES.search(fold(sentence)) is not None and not tells_a_finding(sentence)


def tells_a_finding(sentence: str) -> bool:
    """Tell whether a sentence, though it may begin with an aim, goes on with what was found."""
    return _FINDS.search(fold(sentence)) is not None


def asks_for_cause(question: str) -> bool:
    """Tell whether a question asks what brings something about."""
    return _ASKS_CAUSE.search(" ".join(fold(question).split())) is not None


@lru_cache(maxsize=4096)
def gives_cause(sentence: str) -> bool:
    """Tell whether a sentence says what brings something about."""
    return _CAUSE.search(fold(sentence)) is not None
