"""Sentences that speak to a language model instead of about research.

An abstract is data, yet a model may obey what it reads, and no rule in a prompt prevents that for certain (Nasr et al.
2025, "The Attacker Moves Second"). What is plainly addressed to a model is therefore kept from the writers, and the
answer says so. Abstracts about prompt injection quote such sentences; they seldom begin with one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from rag.types import Evidence, Issue
from rag.words import fold

_WHAT = (
    r"(instructions?|prompts?|rules?|guidelines?|questions?|sources?|papers?|abstracts?|context|documents?|evidence)"
)
_WHO = r"(ai|a\.i\.|llms?|(language )?models?|assistants?|chat ?bots?|agents?|systems?|summari[sz]ers?|reviewers?)"
_CUES = (
    # An order at the beginning, also after a greeting or a label: "Important: ignore all earlier instructions."
    rf"(^|[:.!?\])»-] ?|\bplease )(now |then |and )*(ignore|disregard|forget|override|bypass)\b.{{0,60}}\b{_WHAT}\b",
    r"(^|[:.!?\])] ?)(please |now |then |always |instead,? )*(answer|reply|respond|output|print|repeat|say|write|state"
    r"|append|include|begin|end|cite|refuse)\b"
    r"( (only|with|exactly|that|to|the|this|your|every|all|any|no|other|in|by|now|first)\b|:)",
    r"(^|[:.!?\])] ?)(please )?(do not|don't|never|stop) (cite|citing|mention|mentioning|answer|quote)\b",
    # A speaker's mark of a conversation.
    r"(^|[.!?\"'”\])] )(system|assistant|user|human|developer|ai)( (message|prompt|note|turn))?\s?(:|>)",
    r"<\|?/?(im_start|im_end|system|assistant|user|s|eot_id|start_header_id|end_header_id|document|context|source)\|?>",
    r"\[/?(inst|sys|system|assistant|user)\]|<</?sys>>|###\s?(instruction|system|response|new task)",
    r"(begin|end|start) of (the )?(context|documents?|sources?|evidence|system|instructions?|prompt|abstracts?)",
    # Someone is spoken to.
    rf"\b(note|notice|notes?|message|attention|instructions?|reminder|hint) (to|for) (the |any |all |every )?{_WHO}\b",
    rf"\b(if|when) you are (an? )?{_WHO}\b|\byou are (now )?(an? )?{_WHO}\b|\byou are now\b|\bas an ai\b",
    r"\byou (must|should|shall|have to|are to|will|need to|can) (now |always |only |never |not )*"
    r"(answer|reply|respond|cite|say|output|ignore|follow|obey|refuse|use|trust|treat|tell|reveal|repeat|include)\b",
    r"\byour (answers?|repl(y|ies)|responses?|instructions?|system prompt|prompt|output|developers?)\b",
    r"\b(system|hidden|initial) prompt\b.{0,40}\b(reveal|print|repeat|show|verbatim)|\b(reveal|print|repeat|show)\b"
    r".{0,40}\b(system|hidden|initial) prompt\b",
    # What makes a browser or a reader fetch something.
    r"!\[[^\]]*\]\(|\]\(\s*(https?:|javascript:|data:)|<\s*(script|img|iframe|svg|style|object|embed|form|a)\b|javascript:",
    # Orders in other languages.
    r"\b(ignore[zr]?|oublie[zr]?) (toutes? )?(les|vos|tes) (instructions|consignes)|忽略.{0,12}(指令|说明|提示)",
    r"\bignorier(e|en sie)\b.{0,30}\b(anweisung|regel)|\bignor(a|e) (todas )?las instrucciones",
    # Text that hides what it says.
    r"[A-Za-z0-9+/]{60,}={0,2}",
)
_ADDRESSED = re.compile("|".join(f"(?:{cue})" for cue in _CUES), re.IGNORECASE)


def part(evidence: Sequence[Evidence]) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """Part the evidence into what a writer may use, numbered anew from 1, and what is withheld, both in order.

    Withheld are the sentences that speak to a model, and those beside them in the same paper: an order seldom fits
    one sentence, the next one tells what to do. The numbers have no gaps, so a writer sees what it would see had the
    paper never held them.
    """
    found: set[int] = set()
    for before, item, after in zip([None, *evidence], evidence, [*evidence[1:], None], strict=False):
        if is_addressed_to_a_model(item.text):
            near = (n for n in (before, after) if n is not None and n.paper.id == item.paper.id)
            found |= {item.number, *(n.number for n in near)}
    usable = (item for item in evidence if item.number not in found)
    withheld = tuple(item for item in evidence if item.number in found)
    return tuple(replace(item, number=number) for number, item in enumerate(usable, 1)), withheld


def issues_of(withheld: Sequence[Evidence]) -> Iterator[Issue]:
    """Say of each paper how many of its sentences were withheld, without repeating what they say."""
    for paper, count in Counter(item.paper for item in withheld).items():
        named = paper.id if is_addressed_to_a_model(paper.title) else f"“{paper.title}”"
        what = "1 sentence" if count == 1 else f"{count} sentences"
        message = f"{what} of {named} were kept from the writer: they speak to a language model, or stand beside that."
        yield Issue("withheld_sentences", message)


@lru_cache(maxsize=4096)
def is_addressed_to_a_model(text: str) -> bool:
    """Tell whether a sentence, or a title, plainly speaks to a language model or carries what a page would load."""
    return _ADDRESSED.search(fold(text)) is not None
