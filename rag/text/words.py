"""Words as the lexical side of Pincite sees them: folded, split, stemmed. Nothing here knows of papers."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import Stemmer

STOPWORDS = frozenset(
    """a about above after again against all also am among an and any are aren't as at be because been before being
    below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each
    either else ever few for from further had hadn't has hasn't have haven't having he her here hers herself him
    himself his how however i if in into is isn't it its itself just let may me might more most much must my myself
    neither no nor not of off on once only onto or other ought our ours ourselves out over own per rather s same shall
    shan't she should shouldn't so some such t than that the their theirs them themselves then there these they this
    those through thus to too toward towards under until up upon us very via was wasn't we were weren't what when where
    whether which while who whom whose why will with within without won't would wouldn't yet you your yours yourself
    yourselves""".split()  # noqa: SIM905 - a list of 170 quoted strings reads worse
)

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A Snowball stemmer keeps state and is not thread-safe: one a thread.
_local = threading.local()


def fold(text: str) -> str:
    """Lower case without accents: what "the same word" means here. May change the length of the text."""
    if text.isascii():
        return text.lower()  # the same, and fifty times as fast
    decomposed = unicodedata.normalize("NFKD", text)
    for mark in filter(unicodedata.combining, set(decomposed)):
        decomposed = decomposed.replace(mark, "")
    return decomposed.casefold()


@lru_cache(maxsize=1024)
def fold_title(title: str) -> str:
    """Reduce a title to what makes it the same title: letters and digits, case, accents and punctuation folded."""
    return " ".join(re.findall(r"[^\W_]+", fold(title)))


def words(text: str) -> list[str]:
    """Split a text into folded words, stop words included."""
    return _WORD.findall(fold(text))


def stem(word: str) -> str:
    """Return the English Snowball stem of one folded word."""
    return str(_stemmer().stemWord(word))


def stems(folded: Iterable[str]) -> list[str]:
    """Return the stem of each of these folded words."""
    return [str(s) for s in _stemmer().stemWords(list(folded))]


def content_words(text: str) -> list[str]:
    """Split a text into its folded words without the stop words, in order, repeats kept."""
    return [word for word in words(text) if word not in STOPWORDS]


def terms(text: str) -> list[str]:
    """Split a text into the stems of its content words, in order, repeats kept."""
    return stems(content_words(text))


@lru_cache(maxsize=4096)
def term_set(sentence: str) -> frozenset[str]:
    """Return the different stems of a sentence's content words; remembered, as an answer asks for them many times."""
    return frozenset(terms(sentence))


def _stemmer() -> Stemmer.Stemmer:
    if not hasattr(_local, "stemmer"):
        # Without its cache: many words at once are stemmed faster than they are looked up there.
        _local.stemmer = Stemmer.Stemmer("english", 0)
    return _local.stemmer
