"""Which papers of the last answer a question refers to: "the second one", "[2]", "these papers", "that"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.text.question_form import QuestionReading
from rag.text.words import content_words, fold
from rag.types import Paper

# A sentence that names fewer things isn't a list, even with a comma or "and".
LISTED = 3
_ORDINALS = {
    **dict.fromkeys(("first", "1st", "former"), 1), **dict.fromkeys(("second", "2nd", "other"), 2),
    **dict.fromkeys(("third", "3rd"), 3), **dict.fromkeys(("fourth", "4th"), 4), **dict.fromkeys(("fifth", "5th"), 5),
    **dict.fromkeys(("last", "latter"), -1),
}  # fmt: skip
_PAPER = r"(?:paper|study|studie|article|abstract|source|publication|reference|citation|one)"
# If a description follows, it identifies the paper: "the first study to show …", "the paper on clay".
_ALONE = r"(?! (?:to|of|that|which|who|on|in|by|about|from|with|where)\b)"
# "The third paper", "the third of them", "the third"; "paper 3", "[3]", "number 3".
_ONE = re.compile(
    rf"\bthe (?P<ordinal>{'|'.join(_ORDINALS)})\b(?P<of> of (?:them|these|those|the)\b)?"
    rf"(?:(?P<noun> {_PAPER}s?\b{_ALONE})|(?<=em|se)\b|(?=\W*$))|"
    rf"(?:\b(?:paper|study|source|reference|citation) |\[)(?P<number>[1-9]\d?)(?:\]|\b)|\bnumber (?P<word>[1-9])\W*$"
)
_BETWEEN = re.compile(r",\s*(?:and |or )?|;\s*(?:and |or )?| (?:and|or) ")
_THESE = re.compile(
    rf"(?P<one>\b(?:this|that|the same) (?:paper|study|article|abstract|publication)\b{_ALONE}|"
    r"\bthe (?:paper|study|article|publication)\b(?=['’]s\b|\W*$| (?:is|was|do|does|did|has|had|use|find|found|say|"
    r"said|name|tell|report|show|claim|conclude|propose|measure|mention|recommend|rest|cover|published)\w*\b))|"
    rf"\b(?:these|those) (?:\w+ )?(?:papers|studies|articles|abstracts|publications)\b{_ALONE}|"
    r"^(?:\w+ ){1,3}of (?:these|those|them)\b"
)
_AUTHORS = re.compile(r"\bdid (?:they|he|she)\b|\b(?:the|these|those) (?:authors?|researchers)\b(?! of\b)")
_BARE = re.compile(r"(?:(?:all |both )?(?:of )?(?:it|this|that|these|those|them)|(?:this|that|the) one)\W*")
_SUMMARY = re.compile(
    r"(?:please |can you |could you |would you )*(?:"
    r"(?:tell (?:me|us) |say |give (?:me|us) |i want |i need |show me )?(?:a (?:bit|little) )?"
    r"(?P<more>more|further|details)\b(?: (?:details?|information))?|(?P<on>go on|continue|elaborate|expand)\b|"
    r"summari[sz]e|sum up|describe|explain|what does|what did|tell me)"
    r"(?: (?:about|on|of|from))?(?P<what>.*?)(?: (?:say|find|show))?\W*"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """`number` is a citation number: -1 is the last one, None all of them. `words` are the words that refer to it.

    `named`: a title can replace those words. `sure`: they can only mean papers, unlike "they".
    `marked`: the number is a citation mark, as in "[2]", not a position, as in "the second one".
    """

    number: int | None
    words: str
    named: bool = False
    sure: bool = True
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A request about the papers themselves: "tell me more about the second one". `more`: only what is new."""

    of: str
    more: bool


def reference(question: QuestionReading) -> Reference | None:
    """Return which cited papers a question refers to: by position, as "these papers", as "that study"; else None."""
    return _reference(question.folded)


def _reference(asked: str) -> Reference | None:
    if one := _ONE.search(asked):
        number = one["number"] or one["word"]
        place = int(number) if number else _ORDINALS[one["ordinal"]]
        return Reference(place, one[0], named=True, marked=bool(number))
    if these := _THESE.search(asked):
        return Reference(None, these[0], named=bool(these["one"]))
    authors = _AUTHORS.search(asked)
    return Reference(None, authors[0], sure=False) if authors else None


def item(question: QuestionReading, answer: str) -> tuple[str, str] | None:
    """Return the words of a question that refer to a listed item by position, and the item.

    After "Three: mulch, lime and clay.", "the third one" is clay. None if no sentence lists at least three things.
    """
    asked = _ONE.search(question.folded)
    if asked is None or not asked["ordinal"] or (asked["noun"] or " one").rstrip("s") != " one":
        return None
    listed = max(map(_items, re.split(r"(?<=[.!?])\s", answer)), key=len, default=[])
    number = _ORDINALS[asked["ordinal"]]
    if len(listed) < max(number, LISTED):
        return None
    found = listed[number - 1 if number > 0 else number]
    return asked[0], found[:1].lower() + found[1:] if found[1:].islower() else found


def _items(sentence: str) -> list[str]:
    """Return the things that a sentence lists, leaving out anything before a colon."""
    return [part.strip(" .!?") for part in _BETWEEN.split(re.sub(r"\s*\[\d+\]", "", sentence).rpartition(": ")[2])]


def bare_reference(text: str) -> Reference | None:
    """Return which cited papers a text refers to if it is nothing but "it", "these" or what `reference` recognises."""
    plain = fold(text).strip()
    if not plain or _BARE.fullmatch(plain):
        return Reference(None, plain)
    found = _reference(plain)
    return found if found and not content_words(plain.replace(found.words, " ")) else None


def request(question: QuestionReading) -> Request | None:
    """Return the request if a question asks for more about cited papers, or for a summary of them; else None."""
    found = _SUMMARY.fullmatch(question.spaced)
    if found is None or bare_reference(found["what"]) is None:
        return None
    more = bool(found["more"] or found["on"])
    return Request(found["what"].strip(), more) if more or found["what"].strip() else None


def chosen(meant: Reference, cited: Sequence[Paper]) -> tuple[Paper, ...]:
    """Return the cited papers that a reference selects; none if its number is too high."""
    if meant.number is None:
        return tuple(cited)
    return tuple(cited[meant.number - 1 if meant.number > 0 else meant.number :][:1])


def without(question: QuestionReading, said: str) -> str:
    """Return the folded question without the words that refer to a paper."""
    plain = question.spaced
    return re.sub(r"\b(?:paper|studie|article)s?\b", " ", plain.replace(said, " ") if said else plain)
