"""Makes questions from abstracts: each rearranges the words of the one sentence that answers it.

No language model takes part, so a question keeps its sentence's words: easy to find and to check. A question that
can't be understood alone, fits more than one sentence or is answered by another paper as well is left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.text.lexicon import CHANGES
from rag.text.pointing import AUXILIARY, PREPOSITION, points_back
from rag.text.quantities import SHARE, Quantity, quantities
from rag.text.question_form import QuestionReading
from rag.text.sentences import split_sentences
from rag.text.words import stems, term_set, terms, words
from rag.types import Hit, Paper

FIGURE, DEFINITION, FINDING = KINDS = ("figure", "definition", "finding")
# Words of a sentence that can be turned into a question that somebody would read.
SHORTEST, LONGEST = 5, 32
# Papers that a question must not fit; one of their sentences that holds this share of its words answers it as well.
NEIGHBOURS, ANSWERS_TOO = 10, 0.7
# Figures of other papers that an answer must not give.
RIVALS = 3

Search = Callable[[str, int], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class MadeQuestion:
    """A question that sentence number `sentence` of the abstract of `paper` answers.

    `answer` is what an answer has to hold, where that is a few words; `rivals` are figures of the same kind that other
    papers give. Where `paper` is empty, no abstract answers: the question joins what two papers say separately.
    """

    question: str
    kind: str
    paper: str = ""
    sentence: int = -1
    evidence: str = ""
    answer: str = ""
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A question before it is checked. `cause` (with its auxiliary) and `effect` are what one about an effect names."""

    question: str
    kind: str
    answer: str = ""
    figure: Quantity | None = None
    cause: str = ""
    effect: str = ""
    statement: bool = False


def make_questions(
    papers: Sequence[Paper], search: Search, count: int, *, seed: int = 0, kinds: Sequence[str] = KINDS
) -> list[MadeQuestion]:
    """Return up to `count` questions that one paper each answers, drawn from all kinds as far as the abstracts allow.

    `search` finds the papers nearest to a question (`Library.search`). Equal papers and seed give equal questions.
    Asked without its paper (`exclude=[made.paper]`), a question has no answer in the library as far as words show.
    """
    chosen: dict[str, list[MadeQuestion]] = {kind: [] for kind in kinds}
    for made in _checked(papers, search, random.Random(seed), kinds):
        if len(chosen[made.kind]) < count:
            chosen[made.kind].append(made)
        # Figures are the most frequent: continue for a while so that the others aren't crowded out.
        if sum(map(len, chosen.values())) >= 2 * count or all(len(c) * len(kinds) >= count for c in chosen.values()):
            break
    return _in_turn(list(chosen.values()), count)


def question_on(paper: Paper) -> str:
    """Return the question what a paper found."""
    return f"What did “{paper.title}” find?"


def asked_by_title(paper: Paper) -> str:
    """Return the question that a paper's title asks, empty where it asks none that can be understood alone."""
    asked = paper.title.strip().rpartition(": ")[2]
    return asked if asked.endswith("?") and _stands_alone(asked) else ""


def _in_turn(groups: Sequence[list[MadeQuestion]], count: int) -> list[MadeQuestion]:
    turns = [made for place in range(count) for group in groups for made in group[place : place + 1]]
    return turns[:count]


def make_traps(papers: Sequence[Paper], search: Search, count: int, *, seed: int = 0) -> list[MadeQuestion]:
    """Return up to `count` questions about an effect that no abstract speaks of: the cause and effect of two papers."""
    shuffled = random.Random(seed)
    drafts = [(paper.id, draft) for paper, _, _, draft in _drafts(papers, shuffled, KINDS) if draft.cause]
    made: list[MadeQuestion] = []
    for (one, cause), (other, effect) in zip(drafts, [*drafts[1:], *drafts[:1]], strict=True):
        question = _capital(f"what effect {cause.cause} have on {effect.effect}?")
        hits = search(question, NEIGHBOURS)
        apart = one != other and not any(_joins(hit.paper, cause.cause, effect.effect) for hit in hits)
        if apart and _stands_alone(question):
            made.append(MadeQuestion(question, FINDING))
        if len(made) == count:
            break
    return made


def _joins(paper: Paper, cause: str, effect: str) -> bool:
    """Whether an abstract mentions both, so that it may answer the question."""
    held = term_set(f"{paper.title} {paper.abstract}")
    return all(_share(term_set(part), held) > 0.5 for part in (cause, effect))


def _checked(
    papers: Sequence[Paper], search: Search, shuffled: random.Random, kinds: Sequence[str]
) -> Iterator[MadeQuestion]:
    """Yield the questions that lead back to their sentence alone, at most one for each paper and kind."""
    done: set[tuple[str, str]] = set()
    for paper, place, sentences, draft in _drafts(papers, shuffled, kinds):
        if (
            (paper.id, draft.kind) in done
            or not _stands_alone(draft.question)
            or not _leads_back(draft.question, place, sentences)
        ):
            continue
        others = [h.paper for h in search(draft.question, NEIGHBOURS) if h.paper.id != paper.id]
        near = [sentence for other in others for sentence in _sentences(other)]
        asked = QuestionReading(draft.question).subject_set
        if any(_share(asked, term_set(sentence)) >= ANSWERS_TOO for sentence in near):
            continue
        done.add((paper.id, draft.kind))
        rivals = _rivals(draft.figure, sentences[place], near) if draft.figure else ()
        yield MadeQuestion(draft.question, draft.kind, paper.id, place, sentences[place], draft.answer, rivals)


def _drafts(
    papers: Sequence[Paper], shuffled: random.Random, kinds: Sequence[str]
) -> Iterator[tuple[Paper, int, Sequence[str], _Draft]]:
    """Yield the drafts of each paper with their sentence, in a drawn order; those that only ask yes or no come last."""
    names = _names(papers)
    for paper in shuffled.sample(list(papers), len(papers)):
        sentences = _sentences(paper)
        found = [(at, draft) for at, sentence in enumerate(sentences) for draft in _questions(sentence, kinds, names)]
        shuffled.shuffle(found)
        for place, draft in sorted(found, key=lambda one: one[1].statement):
            yield paper, place, sentences, draft


def _sentences(paper: Paper) -> list[str]:
    return [paper.abstract[span.start : span.end] for span in split_sentences(paper.abstract)]


def _names(papers: Sequence[Paper]) -> frozenset[str]:
    """Return the words that abstracts write with a capital inside a sentence, and what a title names before a colon.

    None of them is written without a capital anywhere.
    """
    inside = [word for paper in papers for sentence in _sentences(paper) for word in _WORD.findall(sentence)[1:]]
    titled = [found[1] for paper in papers if (found := _TITLED.match(paper.title))]
    common = {word.capitalize() for word in inside if word[0].islower()}
    return frozenset(word for word in (*inside, *titled) if word[0].isupper()) - common


def _stands_alone(question: str) -> bool:
    """Whether a question can be understood without its abstract."""
    asked, named = QuestionReading(question), question.startswith("What does")
    leans = _LEANING & set(words(question)) or points_back(asked.folded)
    return not leans and len(asked.subject_set) >= (1 if named else 3)


def _leads_back(question: str, place: int, sentences: Sequence[str]) -> bool:
    """Whether no other sentence of the abstract holds as many of the question's words."""
    asked = QuestionReading(question).subject_set
    shares = [_share(asked, term_set(sentence)) for sentence in sentences]
    return all(share < shares[place] for at, share in enumerate(shares) if at != place)


def _share(wanted: frozenset[str], held: frozenset[str]) -> float:
    return len(wanted & held) / len(wanted) if wanted else 0.0


def _rivals(figure: Quantity, own: str, sentences: Sequence[str]) -> tuple[str, ...]:
    """Return figures of the same kind in the sentences of other papers that its own sentence doesn't hold."""
    found = [
        other.written
        for sentence in sentences
        for other in quantities(sentence)
        if (other.unit, other.noun if not figure.unit else "") == (figure.unit, figure.noun if not figure.unit else "")
        and other.written[:1].isdigit()
        and not re.search(rf"\b{re.escape(other.written)}", own)
    ]
    return tuple(dict.fromkeys(found))[:RIVALS]


def _questions(sentence: str, kinds: Sequence[str], names: frozenset[str]) -> list[_Draft]:
    """Return the questions of these kinds that a sentence answers, one of each at most."""
    plain = _LABEL.sub("", " ".join(sentence.split())).rstrip(".")
    if not SHORTEST <= len(plain.split()) <= LONGEST or re.search(r"[;:?!]|\.[^\W\d]", plain):
        return []
    return [draft for kind, turn in _TURNS.items() if kind in kinds and (draft := turn(plain, names))]


# Pronouns that mean the authors or a sentence before, and words that tie sentences or clauses together.
_LEANING = frozenset(
    """we our us here it they them this these such thus hence therefore accordingly also however moreover furthermore
    nevertheless but yet because although though whereas""".split()  # noqa: SIM905 - quoted, it reads worse
)
_WORD = re.compile(r"[^\W\d_][\w-]*")
# The label of a section, with its colon or, as some sources give it, without: "METHODS Twelve studies …".
_LABEL = re.compile(r"^(?:[A-Z][A-Z ]+:\s+|[A-Z]{6,}(?: [A-Z]{2,})*\s(?=[A-Z]\w*[ ,]))")
_TITLED = re.compile(r"([^\W\d_][\w-]*):")
_AUX = r"(?:is|are|was|were|can|could|has|have|had|will|may|might)"
_NO_SUBJECT = r"(?!(?:there|this|that|these|those|it|they|we|he|she|here|such|no|to|and|but|however|thus)\b)"
_INSIDE = rf"(?!(?:{AUXILIARY}|that|which|who|what|how|if|when)\b)"
_SUBJECT = rf"(?P<subject>{_NO_SUBJECT}(?!{PREPOSITION}\b)(?:{_INSIDE}[\w'’()/-]+ ){{0,7}}?{_INSIDE}[\w'’()/-]+)"
_BESIDE = re.compile(r"(?:[<>=≤≥±(^,–/-]|\d|\b(?:an?|the|to|and|or|between|from|than|of))\s*$", re.IGNORECASE)
_FEWER = r"(?:more than |over |about |at least |nearly |almost |a total of |only |some |up to |as many as )?"


_STUDIED = re.compile(
    rf"^(?:we|the authors|(?:this|the) (?:study|paper|work|trial)) (?P<verb>\w+ed) {_FEWER}$", re.IGNORECASE
)


def _figure(plain: str, names: frozenset[str]) -> _Draft | None:
    """Ask for the first figure of a sentence that is a percentage or a number of things."""
    found = [(q, asked) for q in quantities(plain) if (asked := _asked_for(q, plain))]
    if not found:
        return None
    figure, asked = found[0]
    before, after = plain[: figure.start], plain[figure.end :].partition(", ")[0]
    studied = _STUDIED.match(before)
    if studied and asked == "how many":
        question = f"How many{after} were {studied['verb']}?"
    else:
        begun = re.sub(rf"{_FEWER}$", "", before, flags=re.IGNORECASE)
        question = _capital(f"{_low(begun, names)}{asked}{after}?")
    return None if figure.written in question else _Draft(question, FIGURE, figure.written, figure)


def _asked_for(figure: Quantity, plain: str) -> str:
    """Return the words that ask for a figure, empty for one in brackets, in a range or without a noun."""
    if figure.is_year or not re.fullmatch(r"\d[\d.,]+\D?|\d%", figure.written) or _BESIDE.search(plain[: figure.start]):
        return ""
    after = plain[figure.end :]
    if figure.unit == SHARE:
        return "" if re.match(r" ?(?:\)|to\b|and\b|[-–])", after) else "what percentage"
    next_word = words(after)[:1]
    # "Claude 3.5 Sonnet" counts no sonnets, and "by 19 and 14 points" nothing called "and".
    counts = after.startswith(" ") and not after[1:2].isupper() and terms(" ".join(next_word))
    return "how many" if not figure.unit and counts and stems(next_word) == [figure.noun] else ""


_ACRONYM = re.compile(r"(?P<long>(?:[\w-]+ ){1,6}?)\((?P<short>[A-Z]{2,6})s?\)")


def _definition(plain: str, _: frozenset[str]) -> _Draft | None:
    for found in _ACRONYM.finditer(plain):
        long = _spelled(found["long"], found["short"])
        if long:
            return _Draft(f"What does {found['short']} stand for?", DEFINITION, long)
    return None


def _spelled(long: str, short: str) -> str:
    """Return the last words whose first letters are the acronym, empty where they aren't."""
    parts = re.findall(r"[^\W_]+", long)[-len(short) :]
    if "".join(part[0] for part in parts).upper() != short:
        return ""
    return long[long.index(parts[0]) :].strip()


_CHANGE = "|".join(sorted(word.removesuffix("s") for word in CHANGES))
_EFFECT = re.compile(
    rf"^{_SUBJECT} (?:\w+ly )?(?P<verb>(?:{_CHANGE})(?:s|d|ed)?) "
    rf"(?P<effect>(?!{PREPOSITION}\b)(?:{_INSIDE}[\w'’/-]+ ){{0,6}}?[\w'’/-]+)"
    r"(?= (?:by|when|while|compared|relative|from|to)\b|,|$)",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    rf"^{_SUBJECT} (?P<aux>is|are|was|were) (?P<verb>(?:\w+ly )?\w+ed) (?P<prep>with|by|on|from|into|as) "
    r"(?P<what>[^,]+)",
    re.IGNORECASE,
)
_STATED = re.compile(rf"^{_SUBJECT} (?P<aux>{_AUX}) (?:not |n't )?(?P<rest>[^,\d]+)$", re.IGNORECASE)


def _finding(plain: str, names: frozenset[str]) -> _Draft | None:
    found = _EFFECT.match(plain)
    if found and not found["effect"].endswith(("ly", "ed")) and found["subject"].split()[-1] not in ("and", "or", "to"):
        verb, cause, effect = found["verb"], _low(found["subject"], names), found["effect"]
        aux = "did" if verb.endswith("d") else "does" if verb.endswith("s") else "do"
        return _Draft(f"What effect {aux} {cause} have on {effect}?", FINDING, cause=f"{aux} {cause}", effect=effect)
    found = _PASSIVE.match(plain)
    if found and len(terms(found["what"])) > 1:
        asked = f"What {found['aux']} {_low(found['subject'], names)} {found['verb']} {found['prep']}?"
        return _Draft(asked, FINDING)
    if found := _STATED.match(plain):
        return _Draft(
            _capital(f"{found['aux']} {_low(found['subject'], names)} {found['rest']}?"), FINDING, statement=True
        )
    return None


_TURNS = {FIGURE: _figure, DEFINITION: _definition, FINDING: _finding}


def _low(phrase: str, names: frozenset[str]) -> str:
    """Return a phrase as written inside a sentence. A name keeps its capital: one of `names`, or of several words.

    "Claude 3.5" and "Monte Carlo" are longer ones; "BERT" shows by its letters that it is a name.
    """
    first, _, rest = phrase.partition(" ")
    plain = first[:1] + first[1:].lower() == first and not re.search(r"\d", first)
    named = first in names or (len(first) > 1 and (rest[:1].isupper() or rest[:1].isdigit()))
    return f"{first if named or not plain else first.lower()} {rest}".rstrip(" ") + (
        " " if phrase.endswith(" ") else ""
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
