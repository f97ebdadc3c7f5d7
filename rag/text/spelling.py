"""British and American spellings of one word, by the rules that turn one into the other.

A rule may yield a word that doesn't exist; the caller looks the spellings up in the vocabulary of a library.
"""

from __future__ import annotations

import re
from functools import lru_cache

# A shorter word is too easily another one: "poem" without its o is PEM.
SHORTEST = 5
_ENDING = r"(?=(?:e|ed|es|er|ers|ing|ation|ations|able)$)"
_BOTH_WAYS = (
    (r"ae(?=[a-z])", "ae", r"(?<![ao])e(?=[a-z])", "e"),  # haematology, anaemia
    (r"oe(?=[a-z])", "oe", r"(?<![ao])e(?=[a-z])", "e"),  # oestrogen, diarrhoea
    (r"(?<=[a-z]{2})our", "our", r"(?<=[a-z]{2})or", "or"),  # tumour, behavioural
    (rf"(?<=[a-z]{{2}})is{_ENDING}", "is", rf"(?<=[a-z]{{2}})iz{_ENDING}", "iz"),  # randomised
    (rf"ys{_ENDING}", "ys", rf"yz{_ENDING}", "yz"),  # analyse
    (r"(?<=[a-z]{3}[aeiou])ll(?=(?:ed|ing|er|ers)$)", "ll", r"(?<=[a-z]{3}[aeiou])l(?=(?:ed|ing|er|ers)$)", "l"),
    (r"(?<=[tb])re(?=s?$)", "re", r"(?<=[tb])er(?=s?$)", "er"),  # centre, fibre
    (r"(?<=ul)ph", "ph", r"(?<=ul)f", "f"),  # sulphate
)
_RULES = tuple(
    rule
    for british, its, american, other in _BOTH_WAYS
    for rule in ((re.compile(british), other), (re.compile(american), its))
)


@lru_cache(maxsize=4096)
def spellings(word: str) -> frozenset[str]:
    """Return the other spellings that a folded word may have; up to two rules apply: "anaesthetised" has two places."""
    if len(word) < SHORTEST or not word.isalpha():
        return frozenset()
    once = _respelt(word)
    return once.union(*map(_respelt, once)) - {word}


def _respelt(word: str) -> frozenset[str]:
    """Return the word with one rule applied at one place, in every way."""
    found = (
        word[: match.start()] + other + word[match.end() :] for rule, other in _RULES for match in rule.finditer(word)
    )
    return frozenset(other for other in found if len(other) >= SHORTEST)
