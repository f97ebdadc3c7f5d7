"""Search a library's papers by words and by meaning, mark what was found, and sort."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag.chat.stars_and_notes import NO_MARKS, Marks
from rag.errors import PinciteError
from rag.library import Library
from rag.text.person_names import family_and_given
from rag.text.words import STOPWORDS, fold, stem
from rag.types import Filters, Paper

# Where words are looked for, and how the papers found are ordered: the values and their names on the page.
EVERYWHERE, TITLE, AUTHOR, NOTE, MEANING = "", "title", "author", "note", "meaning"
PLACES = {
    EVERYWHERE: "everywhere", TITLE: "in titles", AUTHOR: "in authors", NOTE: "in your notes",
    MEANING: "by meaning alone",
}  # fmt: skip
BEST, STARRED = "", "starred"
ORDERS = {
    BEST: "best match", "newest": "newest first", "oldest": "oldest first", "title": "title", "author": "author",
    STARRED: "starred first",
}  # fmt: skip
# Papers close in meaning that are listed: below those that contain the words, and if none does.
CLOSE, NEAREST = 10, 25
# Characters of an excerpt before and after its first hit.
BEFORE, AFTER = 80, 160
# From here on (CJK radicals), scripts have no spaces between words.
_FIRST_UNSPACED = "\u2e80"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_PHRASE = re.compile(r'["“”]([^"“”]+)["“”]')
# How much a word weighs in each part of a paper; whole words weigh twice as much as beginnings and other endings.
_WEIGHTS = {"title": 4, "authors": 4, "note": 4, "venue": 2, "year": 2, "abstract": 1}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether it is one of the words searched for."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a search, folded, with its stem and the letters that both begin with."""

    word: str
    stem: str
    start: str

    @property
    def unspaced(self) -> bool:
        """Whether it is of a script without spaces, and so found inside longer runs of letters."""
        return self.word[:1] >= _FIRST_UNSPACED

    def weight(self, token: str) -> int:
        """Return 2 if a folded word of a text is this word, 1 if it begins with it or shares its stem, else 0."""
        if token == self.word:
            return 2
        if (len(self.word) > 1 and token.startswith(self.word)) or (self.unspaced and self.word in token):
            return 1
        return int(token.startswith(self.start) and stem(token) == self.stem)


@dataclass(frozen=True, slots=True)
class WordQuery:
    """The words of a search, all of which a paper must contain, and its phrases in quotation marks, word for word."""

    words: tuple[QueryWord, ...]
    phrases: tuple[str, ...] = ()

    def score(self, paper: Paper, place: str, note: str = "") -> int:
        """Return how well a paper, with the reader's note, matches: 0 if a word or a phrase is missing from it."""
        texts = {name: _folded(text) for name, text in _texts(paper, place, note)}
        if not all(any(phrase in " ".join(_WORD.findall(text)) for text in texts.values()) for phrase in self.phrases):
            return 0
        scores = [max((_WEIGHTS[name] * _best(word, text) for name, text in texts.items()), default=0)
                  for word in self.words]  # fmt: skip
        return sum(scores) if all(scores) else 0

    def known(self, papers: Iterable[Paper], place: str, notes: Mapping[str, str]) -> bool:
        """Return whether any paper contains any of the words."""
        return any(
            _best(word, _folded(text))
            for paper in papers
            for _, text in _texts(paper, place, notes.get(paper.id, ""))
            for word in self.words
        )


@dataclass(frozen=True, slots=True)
class Matches:
    """What a search found: the papers that contain the words, then those that are only close in meaning."""

    holding: tuple[Paper, ...] = ()
    close: tuple[Paper, ...] = ()

    @property
    def papers(self) -> tuple[Paper, ...]:
        """All of them, in the order of the list."""
        return self.holding + self.close


def read_query(text: str) -> WordQuery:
    """Return the words of a search; common ones such as "the" count only if there are no others."""
    folded = [_folded(token) for token in _WORD.findall(text)]
    said = [word for word in folded if word not in STOPWORDS] or folded
    phrases = (" ".join(_WORD.findall(_folded(phrase))) for phrase in _PHRASE.findall(text))
    return WordQuery(tuple(map(_word, dict.fromkeys(said))), tuple(filter(None, phrases)))


def find(
    library: Library, text: str, place: str, order: str, filters: Filters, passing: Sequence[Paper],
    marks: Marks = NO_MARKS,
) -> Matches:  # fmt: skip
    """Find papers among those that pass the filters: by words, by meaning, or both; a DOI or an id finds its paper.

    Where no paper contains any of the words, nothing is close in meaning either: the search by meaning would always
    find something.
    """
    query = read_query(text)
    if place == MEANING:
        return Matches(close=_near(library, text, NEAREST, filters, passing)) if query.words else Matches()
    known = _named(library, text) if place == EVERYWHERE else None
    if known is not None:
        return Matches(tuple(paper for paper in passing if paper.id == known.id))
    notes = marks.notes
    scored = [(score, paper) for paper in passing if (score := query.score(paper, place, notes.get(paper.id, "")))]
    best = [paper for _, paper in sorted(scored, key=lambda pair: -pair[0])]
    holding = tuple(ordered(best, order, marks.starred))
    if place != EVERYWHERE or query.phrases or not query.known(passing, place, notes):
        return Matches(holding)
    held = {paper.id for paper in holding}
    near = _near(library, text, NEAREST if not held else NEAREST + CLOSE, filters, passing)
    close = [paper for paper in near if paper.id not in held]
    return Matches(holding, tuple(close if not held else close[:CLOSE]))


def _named(library: Library, text: str) -> Paper | None:
    """Return the paper of this DOI, arXiv id, PMID or id."""
    if not any(sign.isdigit() for sign in text) or " " in text.strip():
        return None
    try:
        return library.get(text.strip())
    except PinciteError:
        return None


def ordered(papers: Sequence[Paper], order: str, starred: Container[str] = ()) -> list[Paper]:
    """Return papers in one of the `ORDERS`; those without what is sorted by come last."""
    if order == STARRED:
        return sorted(papers, key=lambda paper: paper.id not in starred)
    if order in ("newest", "oldest"):
        sign = -1 if order == "newest" else 1
        return sorted(papers, key=lambda paper: (paper.year is None, sign * (paper.year or 0)))
    if order in _NAMES:
        name = _NAMES[order]
        return sorted(papers, key=lambda paper: (not name(paper), name(paper)))
    return list(papers)


def marked(text: str, query: WordQuery, place: str = EVERYWHERE) -> list[Piece]:
    """Cut a text into pieces, those that a search's words hit apart; joined again, they are the text."""
    if place == MEANING:
        return [Piece(text)]
    pieces, done = [], 0
    for match in _WORD.finditer(text):
        for start, end in _hits(match, query.words):
            pieces += [Piece(text[done:start]), Piece(text[start:end], True)]
            done = end
    pieces.append(Piece(text[done:]))
    return [piece for piece in pieces if piece.text]


def excerpt(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the text around the first hit, cut between words; nothing if there is none."""
    first = next((at for at, piece in enumerate(pieces) if piece.hit), None)
    if first is None:
        return []
    before = pieces[first - 1].text if first else ""
    if len(before) > BEFORE:
        before = "… " + before[-BEFORE:].partition(" ")[2]
    shown = [Piece(before)] if before else []
    left = AFTER
    for piece in pieces[first:]:
        if len(piece.text) > left:  # a word that is hit is never cut
            kept = "" if piece.hit else piece.text[:left].rpartition(" ")[0]
            return [*shown, *([Piece(kept)] if kept else []), Piece(" …")]
        shown.append(piece)
        left -= len(piece.text)
    return shown


def _hits(match: re.Match[str], words: Sequence[QueryWord]) -> list[tuple[int, int]]:
    """Return where a word of a text is hit: the whole word, or in a script without spaces the part of it."""
    token, start = match.group(), match.start()
    for word in words:
        if word.unspaced and (at := token.casefold().find(word.word)) >= 0:
            return [(start + at, start + at + len(word.word))]
        if word.weight(_folded(token)):
            return [(start, match.end())]
    return []


def _word(word: str) -> QueryWord:
    root = stem(word)
    shared = next((at for at, (one, other) in enumerate(zip(word, root, strict=False)) if one != other), len(root))
    return QueryWord(word, root, word[:shared])


def _texts(paper: Paper, place: str, note: str) -> list[tuple[str, str]]:
    texts = {"title": paper.title, "authors": " ; ".join((*paper.authors, paper.organisation or "")),
             "venue": paper.venue or "", "year": str(paper.year or ""), "note": note,
             "abstract": paper.abstract}  # fmt: skip
    wanted = {TITLE: ("title",), AUTHOR: ("authors",), NOTE: ("note",)}.get(place, tuple(texts))
    return [(name, texts[name]) for name in wanted]


def _folded(text: str) -> str:
    """Fold a text as words are compared here: all apostrophes are the same, as in O'Neill."""
    return fold(text).replace("’", "'")


def _best(word: QueryWord, text: str) -> int:
    if word.start not in text:  # most texts, without cutting them into words
        return 0
    return max((word.weight(token) for token in _WORD.findall(text)), default=0)


def _near(library: Library, text: str, most: int, filters: Filters, passing: Sequence[Paper]) -> tuple[Paper, ...]:
    allowed = {paper.id for paper in passing}
    return tuple(hit.paper for hit in library.find(text, most, filters) if hit.paper_id in allowed)


def _first_author(paper: Paper) -> str:
    return fold(family_and_given(paper.authors[0])[0] if paper.authors else paper.organisation or "")


_NAMES: dict[str, Callable[[Paper], str]] = {"title": lambda paper: fold(paper.title), "author": _first_author}
