"""Whether a sentence tells something of its own.

What only announces, or repeats the question, carries no answer, however near to the question it is.
"""

from __future__ import annotations

import re

from rag.text.question_form import QuestionReading
from rag.text.sentence_reading import SentenceReading
from rag.text.words import terms

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
# What gives a reason.
_CAUSE = re.compile(
    r"\b(?:caus\w+|induc\w+|trigger\w*|leads? to|led to|leading to|result(?:s|ed|ing)? in|driv(?:es?|en|ing)|"
    r"drove|due to|because|owing to|aris(?:es?|ing) from|arose from|stems? from|brings? about|brought about|"
    r"gives? rise|gave rise|responsible for|explain(?:s|ed)? by|depends? on|produces?|produced|makes?|elicit\w*|why)\b"
)
# Words that tell that there is something, not what.
_EMPTY = frozenset(terms(
    "show shown find found observe see seen study paper work report present describe call name know known arise occur "
    "exist happen appear phenomenon effect first new recent recently"
))  # fmt: skip

# Where something is to be found, told in a sentence of few words: "Code and data are available at …".
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\b\w+\.(?:com|org|io|net)/\S*")
_POINTS = re.compile(
    r"\b(?:available|accessible|released?|found (?:at|here|in our)|open-?sourced?|project (?:web)?(?:page|site)|"
    r"download(?:ed|able)?|hosted|upon (?:acceptance|publication|request))\b"
)
_FEW_TERMS = 7


def points_elsewhere(sentence: SentenceReading, question: QuestionReading) -> bool:
    """Tell whether a sentence only says where something is to be found, and the question asks for something else."""
    if question.asks_where:
        return False
    addressed = _ADDRESS.search(sentence.text) is not None
    said = SentenceReading(_ADDRESS.sub(" ", sentence.text)) if addressed else sentence
    points = addressed or _POINTS.search(said.folded) is not None
    return points and len(said.term_set) <= _FEW_TERMS and not tells_a_finding(sentence)


def is_echo(sentence: SentenceReading, question: QuestionReading) -> bool:
    """Tell whether a sentence adds nothing to the words of a question that asks for more than a yes or no.

    One word more may be all that was asked for: a figure, a name, "oak".
    """
    return not question.is_polar and sentence.term_set <= question.term_set | _EMPTY


def only_announces(sentence: SentenceReading) -> bool:
    """Tell whether a sentence says what is to be done or hoped instead of what was found."""
    return _ANNOUNCES.search(sentence.folded) is not None and not tells_a_finding(sentence)


def tells_a_finding(sentence: SentenceReading) -> bool:
    """Tell whether a sentence, though it may begin with an aim, goes on with what was found."""
    return _FINDS.search(sentence.folded) is not None


def gives_cause(sentence: SentenceReading) -> bool:
    """Tell whether a sentence says what brings something about."""
    return _CAUSE.search(sentence.folded) is not None


# "Is diverse" tells something of it, "is a head that …" what it is.
_IS = re.compile(
    r"\b(?:is|was) (?:an?|the|any|one)\b|"
    r"\b(?:are|were) (?:(?!and\b|or\b)[\w-]+ ){1,4}?(?:that|which|who|whose|where|of|in|for)\b|"
    r"\b(?:means?|refers? to|denotes?|defined (?:as|with|by)|posits?|specif(?:y|ies)|consists? of|comprises?)\b"
)
# What says how it is judged, not what it is: "is an important problem".
_JUDGED = re.compile(
    r"\b(?:is|are) (?:[\w-]+ ){0,4}?"
    r"(?:example|challenge|problem|step|topic|question|issue|concern|term|area|goal|obstacle)s?\b"
    r"(?! (?:in which|where|whose|that)\b)"
)
# "…, which is known as X", "a setting called X", "which we term X", "coined X", "we refer to this effect as X".
_NAMED = re.compile(
    r"\b(?:called|termed|dubbed|named|known as|referred to as|coined|(?:call|term|dub|name|coin)s?|i\.e\.,?|namely,?|"
    r"refer to (?:it|them|(?:this|these|such)(?: [\w-]+)?) as)(?= )|(?=\([\"'“‘])"
)
# "X, a head that …", "X (FP), where …", "X, or phrases …", "X – the …".
_APPOSED = re.compile(
    r"(?: \([^()]{1,20}\))?[\"'”’]?(?:,| [-–—]+) ?"
    r"(?:an?|the|i\.e\.|that is|where|whereby|in which|or(?! [\w-]+[.,;]))\b"
)
# "The concept of X: …", not "the causes of X: …".
_BEFORE_A_COLON = re.compile(r"(?: \([^()]{1,20}\))?[\"'”’]?:(?! \(?(?:i|1|a)\))")
_CONCEPT = re.compile(r"\b(?:concept|notion|phenomenon|idea|problem|setting|task|term)s? of (?:an? |the )?$")
# "We call this X", "the setting is known as X": what X is stands in the sentence before.
_NAMES_WHAT_CAME_BEFORE = re.compile(
    r"\b(?:refer to (?:this|these|such|it|them)\b.*\bas|(?:call|term|dub|name|coin) (?:this|these|such|it|them)\b|"
    r"(?:this|these|such|the|it|they)\b[^,;:]{0,60}\b(?:is|are|was|were) "
    r"(?:called|termed|dubbed|named|known as|referred to as))\b"
)
# "They work by …", "Instead of …", "In this framework, …": goes on saying what was named just before.
_THEY = re.compile(
    r"(?:they|it) (?:typically |usually |generally |often )?(?:works?|consists?|learns?|aims?|uses?|means?)\b"
)
_GOES_ON = re.compile(
    r"(?:instead of|that is|in other words|i\.e\.|here, |the idea is|it (?:means|refers to|consists of|describes)|"
    r"in (?:this|such an?) (?:\w+ )?(?:framework|paradigm|approach|setting|scheme|method|system|view|process))\b"
)
# Words of a name that stand beside it, "the", "so", "the recently found".
_BESIDE = 1


def says_what_it_is(sentence: SentenceReading, question: QuestionReading) -> bool:
    """Tell whether a sentence is made to say what the question asks about is: "An X is a …"."""
    asked = question.subject_set
    return bool(asked) and _begins(sentence.folded, asked)


def says_it_beside(sentence: SentenceReading, question: QuestionReading) -> bool:
    """Tell whether a sentence that is on something else says it on the way: "…, known as X", "X, a … that, helps"."""
    asked = question.subject_set
    return bool(asked) and (_named(sentence.folded, asked) or _apposed(sentence.folded, asked))


def names_it(sentence: SentenceReading, question: QuestionReading) -> bool:
    """Tell whether a text holds what the question asks about word by word: "task arithmetic", not "arithmetic task"."""
    asked, held = question.subject, sentence.terms
    return bool(asked) and any(held[at : at + len(asked)] == asked for at in range(len(held) - len(asked) + 1))


def names_what_came_before(sentence: SentenceReading) -> bool:
    """Tell whether a sentence only gives a name to what the sentence before it describes."""
    return _NAMES_WHAT_CAME_BEFORE.search(sentence.folded) is not None


def goes_on_about(sentence: SentenceReading, before: SentenceReading, question: QuestionReading) -> bool:
    """Tell whether a sentence goes on about what the question asks about, which the sentence before speaks of."""
    if _THEY.match(sentence.folded):
        return names_it(before, question)
    asked = question.subject_set
    first = frozenset(before.terms[: len(asked) + _BESIDE])
    return bool(asked) and asked <= first and _GOES_ON.match(sentence.folded) is not None


def _begins(text: str, asked: frozenset[str]) -> bool:
    verb = _IS.search(text)
    before = text[: verb.start()] if verb else ""
    told = set(terms(before))
    whole = asked <= told and len(told) <= len(asked) + _BESIDE and " that " not in before
    return whole and verb is not None and not _JUDGED.match(text, verb.start())


def _named(text: str, asked: frozenset[str]) -> bool:
    """Whether the text gives something this name: the words just behind "called", or "call such lights"."""
    for naming in _NAMED.finditer(text):
        behind = re.split(r"[,;.)]", text[naming.end() :])[0].strip()
        first = 1 if re.match(r"(?:this|these|such)\b", behind) else 0
        name = terms(behind)
        if asked in (frozenset(name[: len(asked)]), frozenset(name[first : first + len(asked)])):
            return True
    return False


def _apposed(text: str, asked: frozenset[str]) -> bool:
    """Whether the text goes on from the name to what it is: the words just before ", a … that"."""
    commas = (text[max(0, place.start() - 80) : place.start()] for place in _APPOSED.finditer(text))
    if any(asked == frozenset(terms(before)[-len(asked) :]) for before in commas):
        return True
    colons = (text[max(0, place.start() - 80) : place.start()] for place in _BEFORE_A_COLON.finditer(text))
    return any(asked == frozenset(terms(before)[-len(asked) :]) and not _is_of(before, asked) for before in colons)


def _is_of(before: str, asked: frozenset[str]) -> bool:
    """Whether the name at the end of the text only belongs to something else: "the causes of X"."""
    cuts = (m for m in re.finditer(r"\bof (?:an? |the )?", before) if asked == frozenset(terms(before[m.end() :])))
    return any(_CONCEPT.search(before[: cut.end()]) is None for cut in cuts)
