"""Whether a question is in English, as the abstracts and the embedding are."""

from __future__ import annotations

from rag.text.words import STOPWORDS, words

# Small words of German, French, Spanish, Italian, Portuguese and Dutch that aren't English words.
_OTHER = (
    frozenset(
        """der die das den dem des ein eine einen einem einer eines und oder ist sind war waren wird werden wurde hat
    haben wie welche welchen welcher welches warum wer wo wann nicht mit von vom zu zum zur auf aus bei durch für im
    le la les un une du et ou est sont était que qui quel quelle quels quelles comment pourquoi où quand pas avec
    pour par sur dans au aux ce cette ces qu'est d'un d'une
    el los las uno una del son fue qué cuál cuáles cómo por quién dónde cuándo con para en se su
    gli di che è come perché chi dove quando non della dei delle nel si
    os uma da dos das são quais porque onde não com em ao
    het een van zijn wat hoe waarom waar niet met voor door op uit bij""".split()  # noqa: SIM905 - quoted, it reads worse
    )
    - STOPWORDS
    # Also English words, which may be the only function words in a sentence of an abstract.
    - frozenset({"die", "war", "hat", "met", "non", "come", "per", "door", "van", "son", "pas"})
)
# A sentence of this many words without any English function word is hardly English.
_LONG = 6
# Function words that English shares with those languages show nothing.
_ENGLISH = STOPWORDS - frozenset({"a", "am", "an", "as", "do", "her", "in", "me", "no", "on", "so", "was"})
# The share of letters that are neither Latin nor Greek letters used in formulas.
_OTHER_SCRIPT = 0.3


def hardly_english(text: str) -> bool:
    """Whether a text of some length has no function words of English."""
    found = words(text)
    return len(found) >= _LONG and not STOPWORDS.intersection(found)


def reads_as_english(text: str) -> bool:
    """Whether a text has function words of English, and no more of other languages."""
    return not in_another_language(text) and not _ENGLISH.isdisjoint(words(text))


def in_another_language(question: str) -> bool:
    """Return whether a question is in another script, or has more function words of other languages than of English."""
    letters = [letter for letter in question if letter.isalpha()]
    strange = sum(ord(letter) > 0x24F and not "α" <= letter.lower() <= "ω" for letter in letters)
    if strange > _OTHER_SCRIPT * len(letters):
        return True
    found = words(question)
    return sum(word in _OTHER for word in found) > sum(word in _ENGLISH for word in found)
