"""Recognises instructions to a language model in an abstract (prompt injection).

Two screens look for them, and each finds what the other misses (docs/lab/injection.md):
`rag.write.injection_classifier` judges whether a text addresses a model; the cues below are exact, and catch stock
instructions whatever names are in them. A cue needs two things at once: the text addresses someone (an imperative at
the start of a clause, "you must", a name that is called), and it is about a model's work (its instructions, its
answers, the papers it uses). A text that reports or quotes such instructions, or names the marks of a chat template,
has only one of the two. Texts are folded before they are compared.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from rag.text.words import fold, read_plainly
from rag.write.injection_classifier import addresses_a_model

_MODEL = (
    r"(?:a\.?i\.?(?: (?:models?|systems?|assistants?|agents?|reviewers?|readers?|tools?))?|(?:large )?language models?"
    r"|llms?(?: (?:reviewers?|agents?|assistants?))?|(?:ai |virtual )?assistants?|chat ?bots?|gpts?|summari[sz]ers?"
    r"|(?:automated|automatic|machine) (?:reviewers?|readers?|systems?|agents?))"
)
_ORDERS = (
    r"(?:instructions?|prompts?|directives?|directions?|guidance|guidelines?|guardrails?|safeguards?|restrictions?|constraints?"
    r"|rules?|commands?|orders?)"
)
_EARLIER = (
    r"(?:all|any|every|everything|the|your|these|those|other|previous|prior|earlier|former|preceding|above|system)"
)
_TEXTS = (
    r"(?:papers?|sources?|abstracts?|documents?|stud(?:y|ies)|articles?|texts?|context|evidence|passages?|citations?"
    r"|pages?|manuscripts?|submissions?)"
)
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?|outputs?|summar(?:y|ies)|reviews?|confidence|message)"
_ASKED = r"(?:quer(?:y|ies)|questions?|requests?|prompts?)"
_PRAISE = (
    r"(?:(?:positive|favou?rable|high|highest|good|perfect|top|full|maximum) (?:reviews?|ratings?|scores?|marks?))"
)
_FAULTS = r"(?:limitations?|weakness(?:es)?|negatives?|flaws?|drawbacks?)"
_DO = (
    r"(?:say|write|declare|conclude|state|claim|answer|reply|respond|output|print|emit|repeat|tell|assert|report|cite"
    r"|quote|mention|recommend|praise|include|append|begin|start|end|refuse|treat|rank|show|reveal|give|assign|rate"
    r"|score|emphasi[sz]e|highlight|stress|omit|advertise|promote|endorse|obey|ignore|summari[sz]e|translate|display)"
)
_MUST = r"(?:must|should|shall|have to|has to|are to|is to|will|need to|may)(?: now| always| only| never| not)*"
_NOT = r"(?:do not|don't|never|stop|avoid)"
_ONLY = r"(?:only|exactly|just|verbatim|nothing|yes|no|now)"
_VOID = r"(?:ignore|disregard|forget|overlook|neglect|discard|dismiss|drop|abandon|override|bypass)"
_OBJECT = r"(?:that|the|this|your|its|every|all|only|with|what|no|yes|nothing|as|[\"“'‘])"
_ASKING = (
    r"(?:(?:you are )?(?:answering|generating|responding|replying|asked|prompted|queried|summari[sz]ing|reviewing"
    r"|writing)|you (?:answer|generate|respond|reply|summari[sz]e|review|write))"
)

# The start of a clause; elsewhere imperatives are reported or quoted. "Important:" is a label, "We asked them:" isn't.
_CLAUSE = re.compile(
    r"^[\W_]*(?:(?!(?:[^:]*\b)?(?:were|was|is|are|we|they|asked|told|instructed|aims?|objectives?)\b)"
    r"[^:]{1,40}:[^\w\"“'‘]*)?|[.!?…;—–>] [\W_]*|\bplease "
)
_MANNERS = re.compile(r"(?:(?:please|kindly|now|then|and|so|also|just|first|instead),? )*")
# Instructions if they are at the start of a clause.
_IMPERATIVES = (
    # Cancel earlier instructions.
    rf"(?:{_VOID}|do not follow|stop (?:following|obeying))(?: about)?(?: {_EARLIER})*"
    rf" (?:{_ORDERS}\b(?!\?)|(?:question|{_TEXTS})(?: and\b| or\b|[.,!;]|$)|(?:above|before)\b)",
    rf"{_VOID}(?: {_EARLIER}| of)* (?:[\w-]+ ){{0,3}}?(?:written|above|before|told|said|earlier|previously)\b",
    rf"(?:the |your )?(?:new|real|actual|updated) (?:task|instruction|order|prompt|rule|goal)\b[^:.]{{0,40}}"
    rf"(?::|is to) *{_DO}\b",
    # Dictate the answer.
    rf"(?:answer|reply|respond) (?:{_ONLY}|with|that|as if|in (?:json|xml|html|markdown|capitals|(?:upper|lower) ?case"
    r"|\w+(?:ish|nch|ese)))\b",
    r"(?:say|write|declare|conclude|pretend|claim) that\b|pretend (?:to be|you)|act as (?:an?|if you)"
    r"|do (?:exactly )?(?:as|what) (?:the (?:next|following)|this|it|i)\b",
    rf"{_DO} your (?:\w+ )?{_REPLY}\b|{_DO} (?:[\w ]{{0,20}} )?{_PRAISE}\b|(?:cite|recommend|mention|quote) only\b",
    rf"(?:(?:if|before|when|whenever|while|after|instead of) {_ASKING}\b|(?:if|whenever) (?:the|an?|any) "
    rf"(?:user|{_ASKED})\b)[^.]{{0,60}}, *(?:(?:please|always|never|only|first|do not|don't|also) )*"
    rf"(?:{_DO}(?: {_OBJECT}|[.!])|refuse\b)",
    r"(?:reveal|print|repeat|show|translate|leak|output|display)\b.{0,40}\b(?:system|hidden|initial|secret) "
    r"(?:prompt|instructions)\b",
    # Dictate which papers to use, or what not to say about them.
    rf"(?:trust|recommend|accept|rank|score|rate|praise|endorse|promote) this {_TEXTS}\b",
    rf"{_NOT} \w+\b.{{0,40}}\b(?<!in )(?<!of )(?<!by )(?:(?:any|other|these|this|the other)(?: \w+){{0,3}} {_TEXTS}"
    rf"|{_FAULTS})\b",
    # Address a model by name.
    rf"(?:dear|hey|hello|hi|attention|listen),? (?:to )?(?:all )?(?:\w+ )?{_MODEL} *[:,!—–-]",
    # Delimiters of a conversation or a prompt.
    r"(?:begin|end|start) (?:of )?(?:the )?(?:context|documents?|sources?|evidence|instructions?|prompts?|abstracts?"
    r"|(?:system|user|assistant) (?:prompt|message|turn))(?:[\W_]*$|:)",
    r"<?(?:\[/?inst\]|<</?sys>>|<\|\w+\|>|</?(?:system|assistant|user|document|context|source)>)",
)
# Instructions wherever they appear. Each has at least one of these words, which are checked first because they are
# rare.
_SPOKEN_WORDS = frozenset(
    """you your ai llm llms gpt gpts model models assistant assistants chatbot chatbots chat summarizer summariser
    summarizers summarisers automated automatic machine reviewer reviewers instructions prompts context prompt response
    directives guidelines rules commands orders summarizing summarising citing quoting ranking scoring answer
    developer sentence supersede supersedes override overrides replace replaces
    """.split()  # noqa: SIM905 - a list of quoted strings reads worse
)
_SPOKEN = (
    rf"\b(?:previous|prior|earlier|former|above|all) (?:{_ORDERS}|context|conversation) (?:are|is) (?:now )?"
    r"(?:void|cancell?ed|superseded|obsolete|replaced|revoked|over)\b",
    r"\b(?:note|notice|message|attention|instruction|reminder|hint|warning|memo)s? (?:to|for) "
    rf"(?:the |any |all |every |each )*(?:{_MODEL}|reviewers?) *[:,—–-]",
    rf"\b(?:{_MODEL}|models?|agents?) (?:that |who |which |currently )?(?:reads?|reading|process(?:es|ing)?|reviewing"
    rf"|summari[sz](?:es?|ing)|pars(?:es|ing)|evaluating|sees?|seeing) (?:this|the present) {_TEXTS}\b",
    rf"\byou {_MUST} (?:{_DO}|follow)\b.{{0,30}}\b(?:that|only|questions?|answer|claim|sentence \d+|the following"
    rf"|(?:this|other) {_TEXTS}|with the (?:word|text|phrase))\b",
    rf"\byour {_REPLY} (?:must|should|shall|begins?|starts?|ends?)\b"
    r"|\b(?:your|a) (?:new )?(?:task|role|job|goal|mission) (?:has changed|is now)\b"
    r"|\byou have (?:a )?new (?:task|goal|mission|role|instructions|orders)\b",
    rf"\byou, (?:the|an?) (?:{_MODEL}|model)\b",
    rf"\byour (?:system|hidden|initial|original|earlier|previous|own|new) {_ORDERS}",
    rf"\bthe (?:correct|right|only|proper|best|expected) {_REPLY} to (?:any|every|all|each) (?:\w+ )?{_ASKED}\b"
    r".{0,40}\b(?:is|be)\b",
)
# Delimiters of a conversation or a prompt in use (doubled, with a role, before an instruction), and what a browser
# would load or run, or a link that the reader is asked to open.
_MARKS = (
    r"<\|\w+\|> *(?:<\|\w+\|>|(?:system|assistant|user)\b)",
    r"</(?:source|document|context)> *</(?:source|document|context)>",
    r"(?:\[inst\]|<<sys>>|<\|\w+\|>) *(?:your|you|please|ignore|answer|reply|respond|say|print)\b",
    r"[\"”] *\} *[\]},]|#{2,} *(?:new |system )?(?:instruction|system|response|task)s?\b",
    r"\b(?:user|human)\s?:.{0,300}\b(?:assistant|ai)\s?:|\b(?:assistant|ai)\s?:.{0,300}\b(?:user|human)\s?:",
    r"!\[[^\]]*\]\( *https?:|\]\( *(?:javascript|data):|\bjavascript: *[\w.]+\(",
    r"\[(?:read|click|open|visit|follow|download|press|log ?in|sign) [^\]]{0,80}\]\( *https?:",
    r"<\s*(?:script|img|iframe|svg|style|object|embed|form|a|link|meta|base)\b[^<>]*(?:=|//)[^<>]*>",
    r"<\s*(?:script|style|iframe|svg)\b[^<>]*>[^<]*</",
)
_FOREIGN = (
    r"\b(?:ignore[zr]?|oublie[zr]?) (?:toutes? )?(?:les|vos|tes|ces) (?:[\w-]+ )?(?:instructions|consignes|directives)",
    r"(?:忽略|无视|忘记|忽視).{0,12}(?:指令|说明|提示|指示)|(?:指示|命令|指令).{0,12}(?:無視|忘れ|忽略)",
)
# Part of an instruction only if it is next to one: anywhere in the sentence, or at the start of a clause.
_PARTS = (
    r"\byou\b|\byour\b|\bthe (?:user|reader)s?\b|\binstructions?\b|\[/?inst\]|<</?sys>>|<\|\w+\|>",
    r"\b(?:whole|only|correct|right|every|all|any|final) (?:answers?|repl(?:y|ies)|responses?)\b",
    r"\bend of the (?:context|documents?|sources?|evidence|prompt)\b",
)
_PART_OPENINGS = (
    rf"(?:always|never|only|must|do not|don't|from now on|instead|{_DO}|use|add|make sure|remember|follow|act|skip)\b",
)
_SPEAKER = re.compile(r"[\W_]*(system|assistant|user|human|developer|ai)(?: (?:message|prompt|note|turn))?\s?:")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{40,}")


def _any(cues: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{cue})" for cue in cues))


_IMPERATIVE, _SPOKEN_TO, _MARK = map(_any, (_IMPERATIVES, _SPOKEN, _MARKS))
_PART, _PART_OPENING = map(_any, (_PARTS, _PART_OPENINGS))
_IN_ANOTHER_LANGUAGE = _any(map(fold, _FOREIGN))


@lru_cache(maxsize=4096)
def is_order(text: str) -> bool:
    """Return whether a sentence or title addresses a language model, or has something that a page would load."""
    folded = fold(read_plainly(text))
    return bool(
        _opens(folded, _IMPERATIVE)
        or (not _SPOKEN_WORDS.isdisjoint(re.findall(r"\w+", folded)) and _SPOKEN_TO.search(folded))
        or (re.search(r"[<\]}#:]", folded) and _MARK.search(folded))
        or _IN_ANOTHER_LANGUAGE.search(folded)
        or _hides_words(text)
        or addresses_a_model(text)
    )


def instructions_in(sentences: Iterable[str]) -> set[int]:
    """Return the places, in one text's list of sentences, of those that instruct a model.

    A neighbour is included only if it is part of the instruction; alternating speakers are a made-up conversation.
    """
    texts = list(sentences)
    found = {place for place, text in enumerate(texts) if is_order(text)}
    speakers = [match and match[1] for match in map(_SPEAKER.match, map(fold, texts))]
    for place, (one, other) in enumerate(pairwise(speakers)):
        if one and other and one != other:
            found |= {place, place + 1}
    for step in (1, -1):
        for place in sorted(found, reverse=step < 0):
            while 0 <= (place := place + step) < len(texts) and place not in found and _is_part(texts[place]):
                found.add(place)
    return found


@lru_cache(maxsize=4096)
def _is_part(text: str) -> bool:
    folded = fold(read_plainly(text))
    return bool(_PART.search(folded) or _SPEAKER.match(folded) or _opens(folded, _PART_OPENING))


def _opens(text: str, pattern: re.Pattern[str]) -> bool:
    """Return whether a clause of the text starts with the pattern, with or without "please" or "now" before it."""
    starts = {match.end() for match in _CLAUSE.finditer(text)}
    starts |= {match.end() for start in starts if (match := _MANNERS.match(text, start))}
    return any(pattern.match(text, start) for start in starts)


def _hides_words(text: str) -> bool:
    """Return whether the text contains words in Base64; a protein, a primer or an address doesn't decode to any."""
    for run in _ENCODED.findall(text):
        said = base64.b64decode(run[: len(run) // 4 * 4])
        if said.isascii() and b" " in said and said.decode().isprintable():
            return True
    return False
