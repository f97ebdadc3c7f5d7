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


# Other_Default_Ignorable_Code_Point and Variation_Selector of Unicode's PropList.txt, which Python does not hold; the
# rest of Default_Ignorable_Code_Point is the category Cf without the marks that stand before figures. U+2800 is Braille
# without a dot: https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_BEFORE_FIGURES = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_BLANK_IN_A_FIGURE = re.compile(r"(?<=\d)[\u2800\u3164\uffa0]+(?=\d)")  # as wide as a space
_EMPTY_BRAILLE = re.compile("(?<![\u2801-\u28ff])\u2800+(?![\u2801-\u28ff])")
# Letters of other scripts that are drawn as Latin ones.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеіјорсухѕһԁԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιν", "ABESIJKMHOPCTYXaeijopcyxshdqwlABEZHIKMNOPTYXoiv"
)

_BORROWED = re.compile("LATIN|GREEK|MICRO|OHM|KELVIN|ANGSTROM|FEMININE|MASCULINE|.* SYMBOL|DOUBLE-STRUCK|SCRIPT|BLACK")


def unseen(character: str) -> bool:
    """Return whether nothing is drawn for a character: a Default_Ignorable_Code_Point, or a mark of annotations."""
    return character not in _BEFORE_FIGURES and (
        unicodedata.category(character) == "Cf" or _IGNORABLE.match(character) is not None
    )


def without_unseen(text: str) -> str:
    """Take out the characters that nothing is drawn for."""
    if text.isascii():
        return text
    text = _BLANK_IN_A_FIGURE.sub(" ", text)
    for character in filter(unseen, set(text)):
        text = text.replace(character, "")
    return _EMPTY_BRAILLE.sub("", text)


def plain_forms(text: str) -> str:
    """Write letters and figures of other forms (full width, mathematical) as plain ones, each as one character.

    Raised and lowered figures stay: 10² is not 102.
    """
    return text if text.isascii() else "".join(map(_plain_form, text))


@lru_cache(maxsize=4096)
def _plain_form(character: str) -> str:
    form = unicodedata.decomposition(character)
    plain = unicodedata.normalize("NFKC", character)
    return plain if form.startswith(("<wide>", "<narrow>", "<font>")) and len(plain) == 1 else character


def mostly_latin(text: str) -> bool:
    """Return whether more than half of the letters of a text are Latin."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters) > len(letters)


def foreign_letters(text: str) -> str:
    """Return the letters of a text that are of a script from which science borrows none: neither Latin nor Greek."""
    letters = (c for c in plain_forms(text) if unicodedata.category(c) in ("Lu", "Ll", "Lo"))
    return "".join(c for c in letters if not c.isascii() and not _BORROWED.match(unicodedata.name(c, "LATIN")))


def read_plainly(text: str) -> str:
    """Return a text as a reader sees it, for comparison: no invisible characters, no letters in disguise.

    Letters of other forms (full width, mathematical) are plain ones, and in a Latin text so are those of other scripts
    in a word that is drawn as a Latin one.
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", without_unseen(text))
    return _WORD.sub(_as_drawn, plain) if mostly_latin(plain) else plain


def _as_drawn(match: re.Match[str]) -> str:
    """Write a word with the Latin letters that it is drawn with, where all of it is; "α" and "μ" stay."""
    drawn = match.group().translate(_LOOKALIKES)
    return drawn if drawn.isascii() else match.group()


def fold(text: str) -> str:
    """Lower case without accents: what "the same word" means here. May change the length of the text."""
    if text.isascii():
        return text.lower()  # the same, and fifty times as fast
    decomposed = unicodedata.normalize("NFKD", without_unseen(text))
    for mark in filter(unicodedata.combining, set(decomposed)):
        decomposed = decomposed.replace(mark, "")
    return decomposed.casefold()


@lru_cache(maxsize=1024)
def fold_title(title: str) -> str:
    """Reduce a title to what makes it the same title: letters and digits, case, accents and punctuation folded."""
    return " ".join(re.findall(r"[^\W_]+", fold(title)))


def words(text: str) -> list[str]:
    """Split a text into folded words, stop words included."""
    return split(fold(text))


def split(folded: str) -> list[str]:
    """Split a folded text into words, stop words included."""
    return _WORD.findall(folded)


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
