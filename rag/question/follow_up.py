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
from rag.text.question_form import Form, QuestionReading
from rag.text.words import STOPWORDS, content_words, fold, words
from rag.types import Paper

# How many turns back a name may be.
TURNS = 6
# An answer may name a dozen things; what it names first is what it is about.
NAMES_OF_ANSWER = 2
# The lowest cosine of two names for the same kind of thing, by the default embedding: mice and owls have 0.40, winter
# and summer 0.60; honeybees and flower strips, which merely occur together, 0.28.
ALIKE = 0.38
# After the same preposition less is enough, if nothing else in the question is as similar: yeast and worms have 0.31.
SOMEWHAT_ALIKE, BY = 0.3, 0.1
LONGEST_RUN = 3  # words
# Names are rarely similar in meaning, but often in spelling: Ethiopia and Kenya have 0.65, "GSM8K" and "8B" 0.40.
ALIKE_NAMES = 0.55
# Content words in "what about …" and "and …": with more, it says by itself what it is about.
FEW = 3

# "What is X?", "What does X mean?", "What is meant by X?".
_DEFINED = re.compile(
    r"what (?:exactly )?(?:(?P<one>is)|are|do(?P<does>es)?(?=.* (?:mean|refer to|stand for)$))(?: meant by)? "
    r"(?P<what>(?:an? |the )?[\w'’-]+(?: [\w'’-]+){0,3}?)(?: (?:mean|refer to|stand for))?",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    rf"(?:(?:and|or|but|so|also|then|ok(?:ay)?)\b,? *|(?:only|just|even|not|(?:the )?same) (?={PREPOSITION}\b))+"
)
_WHY = re.compile(r"(?:but )?(?:why(?: is (?:that|this|it)(?: so)?)?|how so|how come|why not)\W*")
_INSTEAD = re.compile(
    rf"(?:(?:what|how) about |and (?:what|how) about )?(?:(?P<how>{PREPOSITION}) )?(?P<what>\S.*?)[?.! ]*"
)
_ONE, _MANY = (
    re.compile(r"\bit(?P<owner>s)?\b", re.IGNORECASE),
    re.compile(r"\b(?:they|them|thei(?P<owner>r))\b", re.IGNORECASE),
)
# "Is that also true for mice?", "Does it work at night too?": the last question, asked of something else. "That" can
# mean all of it; "it" does with "also" or "too".
_ALSO = r"(?:also|too|as well|either|equally)"
_LIKEWISE = re.compile(
    rf"{AUXILIARY} (?:that|this|the same|(?:it|they)(?= the same\b|.* {_ALSO}\b))"
    rf"(?: [\w-]+){{0,2}}? (?P<how>(?!(?:by|from|of)\b){PREPOSITION}) (?P<what>\S.*?)(?:,? {_ALSO})?\W*",
    re.IGNORECASE,
)
# "Which is better?", "Which of them works?": a choice between things compared before.
_CHOICE = re.compile(rf"which (?:ones?|of|{AUXILIARY})\b")
# A question may limit itself twice with one of these: "in lakes in winter".
_PLACED = frozenset({"in", "on", "at"})
_STACKED = _PLACED | {"for"}
# "The low-mass ones": the noun comes from the question before.
_ONES = re.compile(r"^(?:the )?(.+) ones?$", re.IGNORECASE)
_ABOUT = re.compile(r"(?:what|how) about\b")
_FRAGMENT = re.compile(rf"{PREPOSITION}\b")
# "How much do A do B?" and "Do A do B?", asked why: "Why do A do B?".
_WHETHER = re.compile(
    rf"(?:(?:by )?how(?: (?:much|well|often|far|fast|long))? |when )?(?P<rest>{AUXILIARY} .+)",
    re.IGNORECASE | re.DOTALL,
)
# GPT-4o, EmerNeRF, LoRA, TP53, DPO: a capital inside the word or a digit among letters.
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
            resolved = _resolve(turn.reading, _Before(previous, subject, answer), embedder, None)
            # A question that points back stays on the same subject: "its limits" are those of what "it" was.
            previous, subject = resolved.text, subject if subject and resolved.goes_on else resolved.text
        else:
            answer = turn.reading.text
    return _resolve(question, _Before(previous, subject, answer, tuple(cited)), embedder, leans).text


def in_context(question: QuestionReading, history: Sequence[ReadTurn], embedder: Embedder | None = None) -> str:
    """Return the question with the subject of the turns before, whether or not it points back to them."""
    return stand_alone(question, history, embedder, leans=lambda *_: True)


def last_question(history: Sequence[ReadTurn], embedder: Embedder | None = None) -> str:
    """Return the last question of the history as it stands alone, empty where there is none."""
    asked = [at for at, turn in enumerate(history) if turn.asked]
    return stand_alone(history[asked[-1]].reading, history[: asked[-1]], embedder) if asked else ""


def asked_instead(question: QuestionReading) -> str:
    """Return what a question substitutes for something: "mice" in "what about mice?", else nothing.

    "The low ones" names nothing of its own, nor does "at which size?".
    """
    rest = _rest(question)
    found = _instead(rest.text) if _is_instead(rest.spaced, rest is not question) else None
    names = found and not _ONES.match(found["what"]) and not ASKS.match(fold(found["what"]))
    return found["what"] if found and names else ""


def chooses(question: QuestionReading, previous: str) -> bool:
    """Return whether a question asks for one of the things that the question before it compares."""
    return _CHOICE.match(_rest(question).spaced) is not None and _compares(previous)


def means_what_was_defined(question: QuestionReading, previous: str) -> bool:
    """Return whether a pronoun of the question means the thing that the question before it asks about: "What is X?"."""
    defined = _DEFINED.fullmatch(previous.rstrip("?.! "))
    return defined is not None and _pronoun_for(defined, question.text) is not None


def _compares(question: str) -> bool:
    reading = QuestionReading(question)
    return reading.form is Form.COMPARISON or bool({"than", "or"} & set(reading.words))


def _rest(question: QuestionReading) -> QuestionReading:
    """Return the question without the "and" or "only" that it opens with, the same object where it has none."""
    goes_on = _GOES_ON.match(question.spaced)
    return QuestionReading(" ".join(question.text.split()[len(goes_on[0].split()) :])) if goes_on else question


def _instead(asked: str) -> re.Match[str] | None:
    return _INSTEAD.fullmatch(_lower_first(asked.strip(" ,")))


@dataclass(frozen=True, slots=True)
class _Before:
    """The question before, resolved; the last one that didn't point back; and the answer, with what it cites."""

    previous: str
    subject: str
    answer: str
    cited: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A question that stands alone. `goes_on`: it asks more about what the questions before it were about."""

    text: str
    goes_on: bool = False


def _resolve(
    question: QuestionReading,
    before: _Before,
    embedder: Embedder | None,
    leans: Callable[[QuestionReading, bool], bool] | None,
) -> _Resolved:
    """Resolve one question against the turns before it."""
    if not before.previous and not before.answer:
        return _Resolved(question.text)
    rest = _rest(question)
    if otherwise := _asked_otherwise(rest, before, embedder, opens=rest is not question):
        return _Resolved(otherwise)
    if not chooses(question, before.previous):
        back = points_back(rest.spaced)
        if not rest.terms or (rest is not question and (back or not _is_whole(rest))):
            return _Resolved(f"{before.previous} {question.text}".strip())
        if not (leans(question, back) if leans else back):
            return _Resolved(question.text)
    named = _in_context(question, before)
    return _Resolved(named, goes_on=named != question.text)


def _asked_otherwise(rest: QuestionReading, before: _Before, embedder: Embedder | None, *, opens: bool) -> str:
    """Return the question before as this one changes it, empty where it doesn't; `opens`: it opens with "and"."""
    if _WHY.fullmatch(rest.spaced):
        return _why(before.previous, denied="not" in rest.words)
    if before.previous and _is_instead(rest.spaced, opens):
        return _with_instead(before, rest.text, embedder)
    return _likewise(before, rest.text, embedder)


def _is_whole(rest: QuestionReading) -> bool:
    """Return whether it asks something by itself: with two terms, or for a definition."""
    asks = ASKS.match(rest.spaced) is not None
    return asks and (len(rest.terms) >= 2 or _DEFINED.fullmatch(rest.spaced.rstrip("?.! ")) is not None)


def _in_context(question: QuestionReading, before: _Before) -> str:
    """Name in the question what the turns before are about, or append their question whole.

    A thing that they defined takes the place of its pronoun. Names of theirs are appended alone, except where they are
    compared: then what they are compared in matters too.
    """
    defined = _DEFINED.fullmatch(before.subject.rstrip("?.! "))
    if defined:
        return _naming(question, defined)
    subjects = [] if _compares(before.subject) else _names(before.subject)
    if not subjects and not before.subject:
        titles = fold(" ".join(paper.title for paper in before.cited))
        subjects = [name for name in _names(before.answer)[:NAMES_OF_ANSWER] if not titles or fold(name) in titles]
    missing = [name for name in subjects if fold(name) not in question.folded]
    context = ", ".join(missing) if subjects else before.subject
    return f"{question.text} ({context})" if context else question.text


def _naming(question: QuestionReading, defined: re.Match[str]) -> str:
    """Put the thing defined in place of the question's one pronoun for it, else append it."""
    thing = defined["what"]
    if fold(thing) in question.folded:
        return question.text
    pronoun = _pronoun_for(defined, question.text)
    if pronoun is None:
        return f"{question.text} ({thing})"
    owner = ("'" if thing.endswith("s") else "'s") if pronoun["owner"] else ""
    return f"{question.text[: pronoun.start()]}{thing}{owner}{question.text[pronoun.end() :]}"


def _pronoun_for(defined: re.Match[str], question: str) -> re.Match[str] | None:
    """Return the pronoun that can mean the thing defined, by its number; None where there is none, or several."""
    found = list((_ONE if defined["one"] or defined["does"] else _MANY).finditer(question))
    return found[0] if len(found) == 1 else None


def _why(previous: str, *, denied: bool) -> str:
    """Ask "why" about what the previous question asked."""
    if denied:
        return f"Why not? {previous}"
    plain = _WHETHER.fullmatch(previous)
    return f"Why {plain['rest'][0].lower()}{plain['rest'][1:]}" if plain else f"Why? {previous}"


def _is_instead(rest: str, goes_on: bool) -> bool:
    """Return whether a question only names a new subject for the previous one: "what about mice?", "and in winter?"."""
    about = _ABOUT.match(rest)
    named = rest[about.end() :] if about else rest
    short = 1 <= len(content_words(named)) <= FEW and not points_back(named)
    return short and (bool(about) or (not ASKS.match(rest) and (goes_on or bool(_FRAGMENT.match(rest)))))


def _with_instead(before: _Before, asked: str, embedder: Embedder | None) -> str:
    """Put the new subject in place of what it is most like, or append it to the previous question."""
    found = _instead(asked)
    if found is None:
        return before.previous
    how, what = found["how"] or "", _ONES.sub(r"\1", found["what"])
    return (
        _replaced(before, how, what, embedder, free=True) or f"{before.previous.rstrip('?.! ')} {how or 'for'} {what}?"
    )


def _likewise(before: _Before, asked: str, embedder: Embedder | None) -> str:
    """Ask the previous question about another thing of a kind that it names; empty if nothing suggests that."""
    found = _LIKEWISE.fullmatch(asked)
    if found is None or not before.previous or points_back(fold(found["what"])):
        return ""
    if len(content_words(found["what"])) > FEW:
        return ""
    again = re.search(rf"\b{_ALSO}\b", asked, re.IGNORECASE) is not None
    return _replaced(before, found["how"].lower(), _ONES.sub(r"\1", found["what"]), embedder, free=again)


def _replaced(before: _Before, how: str, what: str, embedder: Embedder | None, *, free: bool) -> str:
    """Return the previous question with `what` in place of a thing of the same kind; empty where it has none.

    `free`: "for mice" may mean any part of the question, not only one after a preposition.
    """
    body = before.previous.rstrip("?.! ")
    defined = None if how else _DEFINED.fullmatch(body)
    place = defined.span("what") if defined else _same_kind(body, how, what, embedder)
    if free and how == "for" and place is None:
        place = _same_kind(body, "", what, embedder)
    if place is None:
        return ""
    start, end = _whole_term(body, place, what, before.cited)
    return f"{body[:start]}{what}{body[end:]}?"


def _same_kind(body: str, how: str, what: str, embedder: Embedder | None) -> tuple[int, int] | None:
    """Find where a question names a thing of the same kind, as start and end.

    After a preposition that is what follows the same one, or else another: "for mice" takes the place of "in rats".
    """
    names, is_name = _names(body), bool(_names(f"x {what}"))
    if how and is_name:
        alike_placed = [name for name in names if _follows(body, body.index(name)) == how]
        names = alike_placed if alike_placed or how in _PLACED else names
    if is_name and len(names) == 1:
        start = body.index(names[0])
        return start, start + len(names[0])
    places = _runs(body, what)
    parallel = [place for place in places if how and how not in _STACKED and _follows(body, place[0]) == how]
    if len(parallel) == 1:
        return parallel[0]
    if not places or embedder is None:
        return None
    vectors = embedder.embed([what, *(body[start:end] for start, end in places)])
    alike = dict(zip(places, (vectors[1:] @ vectors[0]).tolist(), strict=True))
    best = max(alike, key=alike.__getitem__)
    before = _follows(body, best[0])
    if how == before and not is_name and _stands_out(alike):
        return best
    least = ALIKE_NAMES if is_name else ALIKE
    fits = [place for place in places if alike[place] >= least and (not how or _is_restriction(body, place))]
    same = [place for place in fits if _follows(body, place[0]) == how]
    return max(same or fits, key=alike.__getitem__, default=None)


def _stands_out(alike: Mapping[tuple[int, int], float]) -> bool:
    """Whether one thing is more like it than everything else in the question, though not by much."""
    best, *others = sorted(alike.values(), reverse=True)
    return best >= SOMEWHAT_ALIKE and best - max(others, default=0.0) > BY


def _is_restriction(body: str, place: tuple[int, int]) -> bool:
    return re.fullmatch(PREPOSITION, _follows(body, place[0])) is not None


def _follows(body: str, start: int) -> str:
    """Return the word that a thing follows."""
    return next(reversed(words(body[:start])), "")


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


def _runs(body: str, what: str) -> list[tuple[int, int]]:
    """Return where a question has one to three content words between function words, as a thing does.

    A single word may be like a part of that, and one that ends alike too; more would tear a phrase: "statins reduce
    cardiovascular" isn't a thing.
    """
    one, head = len(content_words(what)) == 1, fold(what.split()[-1])
    runs: list[list[tuple[int, int]]] = []
    for match in re.finditer(r"[^\W_][\w'’-]*", body):
        if fold(match.group()) in STOPWORDS:
            runs.append([])
        elif runs and runs[-1] and body[runs[-1][-1][1] : match.start()].isspace():
            runs[-1].append(match.span())
        else:
            runs.append([match.span()])
    whole = [(run[0][0], run[-1][1]) for run in runs if 1 < len(run) <= LONGEST_RUN]
    return [
        *whole,
        *(place for run in runs for place in run if one or len(run) == 1 or fold(body[slice(*place)]) == head),
    ]


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
