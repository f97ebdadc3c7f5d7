"""What a question points back to: pronouns that mean something outside of it; and the parts of a double question."""

from __future__ import annotations

import re
from itertools import pairwise

from rag.text.words import STOPWORDS, fold, terms, words

AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might)(?:n['’]t)?"
ASKS = re.compile(rf"(?:what|which|who|whose|whom|when|where|why|how|{AUXILIARY})\b")
PREPOSITION = r"(?:for|in|with|on|at|among|under|during|of|by|from|to|without|after|before|since|within|across|as)"
# What an "it" can't mean: "is it true that …", "how long does it take to …".
_EMPTY_IT = re.compile(
    r"\bit (?:\w+ )?(?:true|known|clear|possible|likely|necessary|important|settled|disputed|the case|takes?|matters?|"
    r"helps?|makes?|pays?)\b(?=.* (?:that|to|for|if|whether|when|how|what|which|where|who|why)\b)|"
    r"\b(?:is|was) it .+ (?:that|who)\b"
)
_PRONOUN = re.compile(r"\b(?:it|they|them|he|him|she)\b|\b(?P<owner>its|itself|their|theirs|themselves|his|her|hers)\b")
_THIS = re.compile(
    r"\b(?:this|these)\b|\b(?:the )?(?:former|latter)\b|\bthe same (?:\w+)\b|"
    # "That" after a verb or noun mostly opens a clause: "papers that show", "we find that"; "those of X" means a noun.
    rf"(?:^|\b(?:{AUXILIARY}|{PREPOSITION}|and|or|but|than|about|like))"
    r" ?\b(?:that|those)\b(?! (?:of|that|who|which|with|in|from|are|were)\b)|\b(?:that|those)\W*$"
)
# One of these starts another clause, whose "it" may mean a word of the clause before.
_CLAUSE = re.compile(
    r"\b(?:when|if|while|because|after|before|that|than|as|and|but|or|where|which|who|although|whether|so)\b|,"
)
# What is asked for, which "its" can't mean: "in which countries did their trial run?"; or "what" and its verb, which it
# can't mean either: "What influences its decay?".
_ASKED = re.compile(
    r"(?:by |in |for |at |on |to )?(?:what|which|whose|how many|how much)\b"
    rf"(?: (?!(?:it|they|them)\b)[\w-]+){{0,3}}? (?={AUXILIARY}\b)|(?P<subject>(?:what|who) (?!{AUXILIARY}\b)[\w-]+ )",
    re.IGNORECASE,
)


def points_back(asked: str) -> bool:
    """Return whether a pronoun of the question means something outside it."""
    if _THIS.search(asked):
        return True
    plain = _EMPTY_IT.sub(" ", asked)
    wanted = _ASKED.match(plain)
    plain = plain[wanted.end() :] if wanted else plain
    return any(not _meant_within(plain[: match.start()], bool(match["owner"])) for match in _PRONOUN.finditer(plain))


def _meant_within(before: str, owner: bool) -> bool:
    """Return whether a pronoun means what comes before it: "bees lose their way", "bees fall when they are cold"."""
    named = [not set(words(part)) <= STOPWORDS for part in _CLAUSE.split(before)]
    return any(named if owner else named[:-1])


# Where a second question begins. A bare auxiliary, or a question word without one, needs a comma before it, else it may
# open a clause: "how bees know where and when flowers open".
_WH = r"(?:what|which|who|whose|whom|when|where|why|how)"
_NOUN = r"(?:it|they|this|that|these|those|he|she|the|an?|there)"
_SECOND = re.compile(
    rf"[?;]\s+(?=(?:and |but |so |or )?(?:{PREPOSITION} )?(?:{_WH}|{AUXILIARY})\b)(?:and |but |so |or )?|"
    rf",\s*(?:and|but)\s+(?:also )?(?=(?:{PREPOSITION} )?{_WH}\b|{AUXILIARY} )|"
    rf"\s(?:and|but)\s+(?:also )?(?=(?:{PREPOSITION} )?"
    rf"(?:{_WH} |(?:how|what|which) (?!{_NOUN} )(?:[\w-]+ ){{1,2}}?){AUXILIARY}\b|"
    rf"{AUXILIARY} {_NOUN}\b|(?:what|who) (?!{AUXILIARY}\b)[\w-]+ (?:it|its|them|their)\b|(?:why|how)\W*$)",
    re.IGNORECASE,
)
_ASKS_FIRST = re.compile(rf"(?:{PREPOSITION} )?{ASKS.pattern}")
_ALONE = re.compile(r"(?:why|how)\W*", re.IGNORECASE)
_OPENING = re.compile(
    rf"(?:(?:and|but|so) )?(?:{PREPOSITION} )?(?:(?:how [\w-]+|{_WH}(?: [\w-]+ly)?) (?:{AUXILIARY} )?|{AUXILIARY} )"
    r"(?:the |an? )?",
    re.IGNORECASE,
)


def parts(question: str) -> tuple[str, ...]:
    """Return the questions that a question asks, each able to stand alone: "What causes X, and does it last?".

    What the second takes from the first follows it in brackets.
    """
    plain = " ".join(question.split())
    starts = [(0, 0), *(match.span() for match in _SECOND.finditer(plain)), (len(plain), len(plain))]
    pieces = [plain[start:end].strip(" ?,;") for (_, start), (end, _) in pairwise(starts)]
    if (
        len(pieces) == 1
        or not _ASKS_FIRST.match(fold(pieces[0]))
        or not all(map(_is_whole, pieces))
        or not terms(pieces[0])
    ):
        return (question,)
    first, *others = pieces
    return (f"{first}?", *(f"{_filled(other, first)}?" for other in others))


def _is_whole(part: str) -> bool:
    return bool(terms(part)) or _ALONE.fullmatch(part) is not None


def _filled(part: str, first: str) -> str:
    """Return a later question with the subject of the first, where it points back or names hardly anything."""
    if not points_back(fold(part)) and len(terms(part)) > 1:
        return part
    asked = _ASKED.match(first)
    opening = asked if asked and asked["subject"] else _OPENING.match(first)
    subject = first[opening.end() :] if opening else first
    return f"{part} ({subject})"
