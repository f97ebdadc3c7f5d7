"""A question that depends on earlier turns, made to stand alone by rule: no model is asked.

"How does it compare?" names nothing, so the search would find anything. What the last turns named is added, and "What
about mice?" becomes the last question in which mice replace what is most like them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.models.embedding import Embedder
from rag.text.pointing import ASKS, AUXILIARY, PREPOSITION, points_back
from rag.text.question_form import QuestionReading
from rag.text.words import STOPWORDS, content_words, fold, words
from rag.types import Paper

# How many turns back a name may be.
TURNS = 6
# An answer may name a dozen things; what it names first is what it is about.
NAMES_OF_ANSWER = 2
# The least cosine of two names for the same kind of thing, by the default embedding: mice and owls have 0.40, winter
# and summer 0.60; honeybees and flower strips, which merely occur together, 0.28.
ALIKE = 0.38
# Names are rarely similar in meaning, but often in spelling: Ethiopia and Kenya have 0.65, "GSM8K" and "8B" 0.40.
ALIKE_NAMES = 0.55
# Content words in "what about …" and "and …": with more, it says by itself what it is about.
FEW = 3

_GOES_ON = re.compile(r"(?:and|or|but|so|also|then|ok(?:ay)?)\b,? *")
_WHY = re.compile(r"(?:but )?(?:why(?: is (?:that|this|it)(?: so)?)?|how so|how come|why not)\W*")
_INSTEAD = re.compile(
    rf"(?:(?:what|how) about |and (?:what|how) about )?(?:(?P<how>{PREPOSITION}) )?(?P<what>\S.*?)[?.! ]*"
)
_DEFINED = re.compile(r"what (?:exactly )?(?:is|are) (?P<what>(?:an? |the )?[\w'’-]+(?: [\w'’-]+){0,3})", re.IGNORECASE)
# "The low-mass ones": the noun comes from the question before.
_ONES = re.compile(r"^(?:the )?(.+) ones?$", re.IGNORECASE)
_ABOUT = re.compile(r"(?:what|how) about\b")
_FRAGMENT = re.compile(rf"{PREPOSITION}\b")
# "How much do A do B?" and "Do A do B?", asked why: "Why do A do B?".
_WHETHER = re.compile(
    rf"(?:(?:how(?: (?:much|well|often|far|fast|long|strongly|many times))?|when|to what extent|by how much) )?"
    rf"(?P<rest>{AUXILIARY} .+)",
    re.IGNORECASE | re.DOTALL,
)
# GPT-4o, EmerNeRF, LoRA, TP53, DPO: a capital inside the word or a digit beside letters.
_NAME = re.compile(r"\b(?=\w*[A-Z0-9])(?=[\w.-]*[A-Za-z])[\w]+(?:[-.]\w+)*(?:\+\+)?")


@dataclass(frozen=True, slots=True)
class ReadTurn:
    """A turn of a conversation, read once: what was asked, or the answer."""

    asked: bool
    reading: QuestionReading


def turns_of(history: Iterable[Mapping[str, Any]]) -> tuple[ReadTurn, ...]:
    """Return the turns of a history, each with `role` (user or assistant) and `content`."""
    return tuple(
        ReadTurn(turn.get("role") == "user", QuestionReading(str(turn.get("content", "")).strip())) for turn in history
    )


def stand_alone(
    question: QuestionReading,
    history: Sequence[ReadTurn],
    embedder: Embedder | None = None,
    *,
    leans: Callable[[QuestionReading, bool], bool] | None = None,
    cited: Sequence[Paper] = (),
) -> str:
    """Return the question with what it depends on filled in; unchanged where it stands alone or there is no history.

    `history` is the turns so far, oldest first. The embedder finds the words of the last question that "what about …"
    replaces; without one, only names replace names. `leans` decides whether a question depends on the turns before,
    given the question and whether one of its pronouns points back.
    `cited` are the papers that the last answer cites: adjacent words there form one term, and their titles say what the
    answer is about.
    """
    previous = subject = answer = ""
    for turn in history[-TURNS:]:
        if turn.asked:
            previous = _resolve(turn.reading, _Before(previous, subject, answer), embedder, None)
            # A question that only points back names no new subject.
            subject = subject if previous.startswith(f"{turn.reading.text} (") else previous
        else:
            answer = turn.reading.text
    return _resolve(question, _Before(previous, subject, answer, tuple(cited)), embedder, leans)


def in_context(question: QuestionReading, history: Sequence[ReadTurn], embedder: Embedder | None = None) -> str:
    """Return the question with the subject of the turns before, whether or not it points back to them."""
    return stand_alone(question, history, embedder, leans=lambda *_: True)


def last_question(history: Sequence[ReadTurn], embedder: Embedder | None = None) -> str:
    """Return the last question of the history as it stands alone, empty where there is none."""
    asked = [at for at, turn in enumerate(history) if turn.asked]
    return stand_alone(history[asked[-1]].reading, history[: asked[-1]], embedder) if asked else ""


def asked_instead(question: QuestionReading) -> str:
    """Return what a question substitutes for something: "mice" in "what about mice?", else nothing."""
    rest = _rest(question)
    goes_on = rest is not question
    found = _instead(question.text.split()[goes_on:]) if _is_instead(rest.spaced, goes_on) else None
    return found["what"] if found else ""


def _rest(question: QuestionReading) -> QuestionReading:
    """Return the question without the "and" or "so" that it opens with, the same object where it has none."""
    goes_on = _GOES_ON.match(question.spaced)
    return QuestionReading(question.spaced[goes_on.end() :]) if goes_on else question


def _instead(asked: Sequence[str]) -> re.Match[str] | None:
    return _INSTEAD.fullmatch(_lower_first(" ".join(asked).strip(" ,")))


@dataclass(frozen=True, slots=True)
class _Before:
    """The question before, resolved; the last one that didn't point back; and the answer, with what it cites."""

    previous: str
    subject: str
    answer: str
    cited: tuple[Paper, ...] = ()


def _resolve(
    question: QuestionReading,
    before: _Before,
    embedder: Embedder | None,
    leans: Callable[[QuestionReading, bool], bool] | None,
) -> str:
    """Resolve one question against the turns before it."""
    previous, text = before.previous, question.text
    if not previous and not before.answer:
        return text
    rest = _rest(question)
    goes_on = rest is not question
    if _WHY.fullmatch(rest.spaced):
        return _why(previous)
    if previous and _is_instead(rest.spaced, goes_on):
        return _with_instead(before, text.split()[goes_on:], embedder)
    back = points_back(rest.spaced)
    if not rest.terms or (goes_on and (back or not _is_whole(rest))):
        return f"{previous} {text}".strip()
    return _in_context(question, before) if (leans(question, back) if leans else back) else text


def _is_whole(rest: QuestionReading) -> bool:
    """Return whether it asks something by itself: with two terms, or for a definition."""
    asks = ASKS.match(rest.spaced) is not None
    return asks and (len(rest.terms) >= 2 or _DEFINED.fullmatch(rest.spaced.rstrip("?.! ")) is not None)


def _in_context(question: QuestionReading, before: _Before) -> str:
    """Append to the question what the turns before named, or else the question that they are about."""
    titles = fold(" ".join(paper.title for paper in before.cited))
    answered = [name for name in _names(before.answer)[:NAMES_OF_ANSWER] if not titles or fold(name) in titles]
    subjects = _names(before.subject) or answered
    missing = [name for name in subjects if fold(name) not in question.folded]
    context = ", ".join(missing) if subjects else before.subject
    return f"{question.text} ({context})" if context else question.text


def _why(previous: str) -> str:
    """Ask "why" about what the previous question asked."""
    plain = _WHETHER.fullmatch(previous)
    return f"Why {plain['rest'][0].lower()}{plain['rest'][1:]}" if plain else f"Why? {previous}"


def _is_instead(rest: str, goes_on: bool) -> bool:
    """Return whether a question only names a new subject for the previous one: "what about mice?", "and in winter?"."""
    about = _ABOUT.match(rest)
    named = rest[about.end() :] if about else rest
    short = 1 <= len(content_words(named)) <= FEW and not points_back(named)
    return short and (bool(about) or (not ASKS.match(rest) and (goes_on or bool(_FRAGMENT.match(rest)))))


def _with_instead(before: _Before, asked: Sequence[str], embedder: Embedder | None) -> str:
    """Replace what the new subject is most like by it, or append it to the previous question."""
    found = _instead(asked)
    if found is None:
        return before.previous
    how, what = found["how"] or "", _ONES.sub(r"\1", found["what"])
    body = before.previous.rstrip("?.! ")
    defined = None if how else _DEFINED.fullmatch(body)
    place = defined.span("what") if defined else _same_kind(body, how, what, embedder)
    if place:
        place = _whole_term(body, place, what, before.cited)
        return f"{body[: place[0]]}{what}{body[place[1] :]}?"
    return f"{body} {how or 'for'} {what}?"


def _same_kind(body: str, how: str, what: str, embedder: Embedder | None) -> tuple[int, int] | None:
    """Find where a question names a thing of the same kind, as start and end; after the same preposition if any."""
    names, is_name = _names(body), bool(_names(f"x {what}"))
    if is_name and len(names) == 1 and not how.startswith(("in", "on")):
        start = body.index(names[0])
        return start, start + len(names[0])
    places = _runs(body, how)
    if not places or embedder is None:
        return None
    vectors = embedder.embed([what, *(body[start:end] for start, end in places)])
    alike = (vectors[1:] @ vectors[0]).tolist()
    best = max(range(len(places)), key=lambda at: alike[at])
    return places[best] if alike[best] >= (ALIKE_NAMES if is_name else ALIKE) else None


def _whole_term(body: str, place: tuple[int, int], what: str, cited: Sequence[Paper]) -> tuple[int, int]:
    """Return the place with the words before it that belong to the term: "endometrial cancer" replaces "breast cancer".

    As many words as are put in, where both end alike and the papers cited have them side by side.
    """
    start, end = place
    new, old = what.split(), body[:end].split()
    longer = " ".join(old[-len(new) :])
    same_head = fold(new[-1]) == fold(old[-1]) and len(longer) > end - start
    held = any(fold(longer) in fold(f"{paper.title}\n{paper.abstract}") for paper in cited)
    return (end - len(longer), end) if same_head and held else place


def _runs(body: str, how: str) -> list[tuple[int, int]]:
    """Return the runs of one to three content words, longer ones first; only those after `how` where it is given."""
    found = [(m.start(), m.end()) for m in re.finditer(r"[^\W_][\w'’-]*", body)]
    runs = []
    for length in (3, 2, 1):
        for first, group in enumerate(zip(*(found[at:] for at in range(length)), strict=False)):
            start, end = group[0][0], group[-1][1]
            side_by_side = not re.search(r"[^\w\s'’-]", body[start:end])
            plain = all(fold(body[a:b]) not in STOPWORDS for a, b in group)
            before = fold(body[slice(*found[first - 1])]) if first else ""
            if side_by_side and plain and (not how or before == how):
                runs.append((start, end))
    return runs


def _lower_first(text: str) -> str:
    """Return the text with a lower-case start where its first word is a common one: "In winter?", "What about"."""
    first = text.split(maxsplit=1)[0] if text else ""
    return text[:1].lower() + text[1:] if fold(first) in STOPWORDS else text


def _names(text: str) -> list[str]:
    """Return the named things of a text in order: words with a capital inside or a digit, and capitalised words.

    Adjacent ones are one name: "Vision Transformer".
    """
    found: list[str] = []
    end = -1
    for match in _NAME.finditer(text):
        name = match.group()
        plain = name[1:].islower() and name[:1].isupper()
        opens = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".?!:"
        if (plain and opens) or not set(words(name)) - STOPWORDS or name in found:
            continue
        if found and text[end : match.start()] == " ":
            found[-1] = f"{found[-1]} {name}"
        else:
            found.append(name)
        end = match.end()
    return found
