"""Mutants of a sentence's structure: what is compared, who acts on whom, which in a row, which noun is meant.

They add to the operators of `eval.judges.mutations`. Nouns and verbs are known by their company in the abstracts at
hand, not from a list: a noun stands between "the" and "of" somewhere, a verb behind "to" or "can", with a participle
elsewhere. A dishonest operator can also be tried on sentences that were first put into other words, so that the judge
no longer finds them word for word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from eval.judges import mutations
from eval.judges.judged import Judge
from eval.judges.mutations import LIMIT, Item, MutationOutcome, Operator, judged, mutants_of
from rag.text.words import STOPWORDS

STRUCTURAL = ("ordinal", "exchanged_roles", "rival_noun", "no_more")
DISHONEST = (*mutations.DISHONEST, *STRUCTURAL)
HONEST = (*mutations.HONEST, "ordinal_figure", "converse")
REWORDED = ":reworded"
ON_REWORDED = tuple(
    f"{name}{REWORDED}" for name in ("negation", "direction", "number", "exchanged_figures", "entity", "rival_noun")
)
OPERATORS = (*DISHONEST, *ON_REWORDED, *HONEST)

Alter = Callable[[str], str | None]

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_AS_FIGURES = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th")
_ORDINAL = re.compile(rf"(?<=\b[Tt]he )({'|'.join(_ORDINALS)})(?= [a-z])")
_THAN = re.compile(
    r"(?<!\bno )\b(?:(?P<plain>(?:more|less|fewer|better|worse)(?: [a-z-]+)?)|(?P<ending>[a-z]{3,}er)) than\b"
)
# A phrase of a few words without a clause in it: what follows "and" or "that" belongs to something else.
_CLAUSE = (
    r"(?i:and|or|but|that|which|who|when|where|while|whether|if|because|is|are|was|were|has|have|had|been|be|not|it|"
    r"there|this|these|they|we|as|than|by|also|thus|then|however|moreover)"
)
_PHRASE = rf"(?:(?!{_CLAUSE}\b)[\w'/+.-]*\w)(?: (?!{_CLAUSE}\b)[\w'/+.-]*\w){{0,6}}?"
_END = r"(?= (?:in|on|at|for|when|with|from|to|while|without|by|than)\b|[,;:.])"
_PASSIVE = re.compile(rf"^(?P<one>{_PHRASE}) (?:was|were) (?P<verb>[a-z]{{3,}}ed) by (?P<two>{_PHRASE}){_END}")


@dataclass(frozen=True, slots=True)
class _Words:
    """All words of some abstracts, their nouns, and their verbs: the participle by the third person of each."""

    all: frozenset[str]
    nouns: frozenset[str]
    verbs: Mapping[str, str]


def mutate(
    judge: Judge,
    items: Sequence[Item],
    progress: Callable[[int], None] = lambda _: None,
    *,
    operators: Collection[str] = OPERATORS,
    limit: int = LIMIT,
    jobs: int = 1,
) -> tuple[MutationOutcome, ...]:
    """Judge the mutants of these operators, `jobs` at a time. Only sentences that it supports unaltered are altered."""
    own = _structural(_words_of(items))
    reworded = _reworded(items, own["converse"]) if any(name.endswith(REWORDED) for name in operators) else []
    mutants = []
    for name in (name for name in OPERATORS if name in operators):
        plain = name.removesuffix(REWORDED)
        operator = own.get(plain) or {**mutations.DISHONEST, **mutations.HONEST}[plain]
        base = items if plain == name else reworded
        mutants.append(mutants_of(name, operator, name in HONEST, base, limit))
    return judged(mutants, judge, progress, jobs)


def _structural(known: _Words) -> dict[str, Operator]:
    active = _active(known.verbs)
    return {
        "ordinal": _on_sentence(_next_ordinal),
        "exchanged_roles": _on_sentence(lambda text: _exchanged(_PASSIVE, text) or _exchanged(active, text)),
        "rival_noun": lambda item: _rival_noun(item, known.nouns),
        "no_more": _on_sentence(lambda text: _no_more(text, known.all)),
        "ordinal_figure": _on_sentence(_ordinal_as_figure),
        "converse": _on_sentence(lambda text: _converse(text, active, known.verbs)),
    }


def _on_sentence(alter: Alter) -> Operator:
    def operator(item: Item) -> Item | None:
        altered = alter(item.sentence)
        return None if altered is None else replace(item, sentence=altered)

    return operator


def _reworded(items: Sequence[Item], converse: Operator) -> list[Item]:
    """Return the sentences that honest operators can put into other words, each by all that fit."""
    honest = [converse, *(mutations.HONEST[name] for name in ("paraphrase", "possessive", "punctuation"))]
    found = []
    for item in items:
        said = item
        for operator in honest:
            said = operator(said) or said
        if said.sentence != item.sentence:
            found.append(said)
    return found


def _next_ordinal(sentence: str) -> str | None:
    """Make the first of a row the second, the second the third."""
    return _put(_ORDINAL, sentence, lambda word: _ORDINALS[(_ORDINALS.index(word) + 1) % len(_ORDINALS)])


def _ordinal_as_figure(sentence: str) -> str | None:
    return _put(_ORDINAL, sentence, lambda word: _AS_FIGURES[_ORDINALS.index(word)])


def _no_more(sentence: str, held: Collection[str]) -> str | None:
    """Deny a comparison without a negation beside the verb: "is no larger than", "no more than 9"."""
    for match in _THAN.finditer(sentence):
        if match["plain"] or any(base in held for base in _positives(match["ending"])):
            return f"{sentence[: match.start()]}no {sentence[match.start() :]}"
    return None


def _positives(comparative: str) -> tuple[str, ...]:
    """Return what the positive of "larger", "smaller", "bigger" or "heavier" could be."""
    return comparative[:-1], comparative[:-2], comparative[:-3], f"{comparative[:-3]}y"


def _put(pattern: re.Pattern[str], sentence: str, new: Callable[[str], str]) -> str | None:
    match = pattern.search(sentence)
    if match is None:
        return None
    return f"{sentence[: match.start()]}{new(match.group())}{sentence[match.end() :]}"


def _active(verbs: Mapping[str, str]) -> re.Pattern[str]:
    """Return the pattern of "A reduces the B", with an object that shows itself by an article or a capital."""
    known = "|".join(map(re.escape, verbs)) or "(?!)"
    return re.compile(
        rf"^(?P<one>{_PHRASE}) (?P<verb>{known}) (?P<two>(?:(?:the|a|an|its|their|both|all) |(?=[A-Z])){_PHRASE}){_END}"
    )


def _exchanged(pattern: re.Pattern[str], sentence: str) -> str | None:
    """Let what was acted on act: "A reduces the B" becomes "The B reduces A"."""
    match = pattern.match(sentence)
    if match is None or _is_plural(match["one"]) != _is_plural(match["two"]):
        return None
    between = sentence[match.end("one") : match.start("two")]
    return f"{_upper(match['two'])}{between}{_lower(match['one'])}{sentence[match.end() :]}"


def _converse(sentence: str, active: re.Pattern[str], verbs: Mapping[str, str]) -> str | None:
    """Say the same from the other side: "A was reduced by B" as "B reduced A", "A reduces the B" by a passive."""
    if match := _PASSIVE.match(sentence):
        return f"{_upper(match['two'])} {match['verb']} {_lower(match['one'])}{sentence[match.end() :]}"
    if match := active.match(sentence):
        be = "are" if _is_plural(match["two"]) else "is"
        acted = f"{_upper(match['two'])} {be} {verbs[match['verb']]} by {_lower(match['one'])}"
        return acted + sentence[match.end() :]
    return None


def _rival_noun(item: Item, nouns: Collection[str]) -> Item | None:
    """Put a noun of another abstract, which this one doesn't hold, in the place of the last noun."""
    held = set(_WORD.findall(item.evidence.lower()))
    mine = [match for match in _WORD.finditer(item.sentence) if match.group() in nouns]
    for match in reversed(mine):
        for rival in _WORD.findall(item.other):
            alike = rival.endswith("s") == match.group().endswith("s") and rival[:4] != match.group()[:4]
            if alike and rival in nouns and rival not in held:
                return replace(item, sentence=f"{item.sentence[: match.start()]}{rival}{item.sentence[match.end() :]}")
    return None


_WORD = re.compile(r"(?<![\w-])[a-z]{4,}(?![\w-])")
_NOUN = re.compile(r"\b(?:[Tt]he|[Aa]n?|of) ([a-z]{4,})(?= (?:of|in|is|are|was|were)\b|[,.;])")
_BASE = re.compile(r"\b(?:to|can|could|may|might|will|would|must|should|not) ([a-z]{3,})\b")
_PARTICIPLE = re.compile(r"\b(?:is|are|was|were|be|been) ([a-z]{3,}ed)\b")


def _words_of(items: Sequence[Item]) -> _Words:
    text = "\n".join(dict.fromkeys(item.evidence for item in items))
    nouns = Counter(_NOUN.findall(text))
    done = set(_PARTICIPLE.findall(text))
    verbs = {_third_person(base): _participle(base) for base in _BASE.findall(text) if _participle(base) in done}
    often = (word for word, count in nouns.items() if count > 1 and word not in STOPWORDS)
    return _Words(frozenset(_WORD.findall(text.lower())), frozenset(often), verbs)


def _third_person(base: str) -> str:
    if re.search(r"[^aeiou]y$", base):
        return f"{base[:-1]}ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _participle(base: str) -> str:
    if re.search(r"[^aeiou]y$", base):
        return f"{base[:-1]}ied"
    return base + ("d" if base.endswith("e") else "ed")


def _is_plural(phrase: str) -> bool:
    return phrase.endswith("s") and not phrase.endswith(("ss", "is", "us"))


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _lower(text: str) -> str:
    """Begin with a small letter, but for names."""
    first = text.split()[0]
    return text[0].lower() + text[1:] if first.istitle() and first.isalpha() else text
