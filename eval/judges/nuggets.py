"""Which facts of a good answer an answer states, and which of its sentences state them.

Nuggets are those of TREC RAG (Pradeep et al. 2024, "Initial Nugget Evaluation Results for the TREC 2024 RAG Track"):
vital or okay, each assigned full support, partial support or none. An answer is read to a length that leaves room for
its nuggets, as TREC reads 400 words: else quoting every abstract would state them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from eval.answers.disowned import STANDS_FOR, disowns, disowns_what_follows, frame
from eval.answers.responses import Claim, Passage, Response
from eval.judges.claims import claims_of
from eval.questions import Case, GoldSentence, Nugget, holds
from rag.text.language import in_another_language
from rag.text.quantities import quantities
from rag.text.quantity_match import same
from rag.text.sentences import split_sentences
from rag.text.words import terms
from rag.types import Support, Verdict

# Twice the words of a sentence in an abstract for each nugget, and three sentences at least.
WORDS_A_NUGGET, FEWEST_WORDS = 40, 60
# A sentence that shares less of a nugget's words isn't given to the judge: most pairs have nothing in common.
WORTH_ASKING = 0.3
# Words; a longer "sentence" is a list or several run together, and counts as several.
LONGEST = 60
# Characters of a word with its space, and runs of letters or digits in it; English has six and 1.2. With more, words
# are run together: "one/two/three" is three.
LONGEST_WORD, MOST_RUNS = 9, 1.5
# With fewer content words apart from the string ("There were six."), that string decides.
FEWEST_TERMS = 2
FULL, PARTIAL, NONE, UNKNOWN = "full", "partial", "none", "unknown"
# Stated in one sentence and denied in another: it counts as not stated.
DENIED = "denied"
DEGREES = {Verdict.SUPPORTED: FULL, Verdict.PARTIAL: PARTIAL, Verdict.UNKNOWN: UNKNOWN}

_WORD = re.compile(r"\w+")
# Text struck out in Markdown or HTML.
_STRUCK = re.compile(r"~~.+?~~|<(del|s|strike)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_RUN = re.compile(r"[^\W_]+")
# Words that put two things side by side.
_BESIDE = re.compile(r"[,;/]|\b(?:or|and)\b|\d")
Check = Callable[[str, tuple[str, ...]], Support]


@dataclass(frozen=True, slots=True)
class NuggetsFound:
    """For each nugget of the question `full`, `partial` or `none`.

    `denied` where another sentence says the opposite, `unknown` where the judge gave no verdict.

    `answering` has for each sentence how much of it states one: 1 or 0, or the share of its `pieces` that do. `read` is
    how many sentences were read before the answer grew too long; the others state nothing.
    """

    degrees: tuple[str, ...]
    answering: tuple[float, ...]
    read: int


def find_nuggets(case: Case, response: Response, check: Check) -> NuggetsFound | None:
    """Return what an answer states of its question's nuggets; None where the question has none or nothing was said."""
    if not case.facts or not response.answered:
        return None
    read = _read(response.claims, len(case.facts))
    said = [(place, piece) for place, text in enumerate(read) for piece in pieces(text)]
    texts = [piece for _, piece in said]
    reading = _Reading(check, response.passages, _truth(case, response.passages), case.question, _answers(case))
    table = reading.table(case.facts, texts)
    if any(_bare(text) and not _stated(table, place) for place, text in enumerate(texts)):
        # A list of figures chooses none: each has to be supported.
        table = replace(reading, lenient=False).table(case.facts, texts)
    everything = [piece for claim in response.claims for piece in pieces(claim.text)]
    table = reading.without_disowned(table, texts, everything)
    table = [[DENIED] * len(row) if reading.denied(row, texts, everything) else row for row in table]
    degrees = [reading.whole_degree(n, " ".join(read), row) for n, row in zip(case.facts, table, strict=True)]
    stating = {n for n, text in enumerate(texts) if _stated(table, n) and not _repeats(text, texts[:n])}
    parts = [[n in stating for n, (owner, _) in enumerate(said) if owner == place] for place in range(len(read))]
    shares = [sum(part) / len(pieces(claim.text)) for part, claim in zip(parts, response.claims, strict=False)]
    return NuggetsFound(tuple(degrees), (*shares, *[0.0] * (len(response.claims) - len(read))), len(read))


def _read(claims: Sequence[Claim], nuggets: int) -> list[str]:
    """Return the sentences that fit into the length; the first is cut to fit."""
    budget = max(FEWEST_WORDS, WORDS_A_NUGGET * nuggets)
    lengths = accumulate(words_in(claim.text) for claim in claims)
    fitting = sum(length <= budget for length in lengths)
    return [claim.text for claim in claims[:fitting]] or [_stretches(claim.text, budget)[0] for claim in claims[:1]]


def words_in(text: str) -> int:
    """Count the words of a text, however they are joined: a length in words must not be got round by other spaces."""
    words, runs, room = len(text.split()), len(_RUN.findall(text)), len(text) // LONGEST_WORD
    return words if runs <= MOST_RUNS * words and room <= words else max(runs, room)


def _stretches(text: str, longest: int) -> list[str]:
    """Cut a text into stretches of so many words."""
    words, count = text.split(), words_in(text)
    if count > len(words):
        most = max(1, longest * len(text) // count)
        return [text[start : start + most] for start in range(0, len(text), most)]
    return [" ".join(words[start : start + longest]) for start in range(0, len(words), longest)] or [text]


def pieces(text: str) -> list[str]:
    """Cut up what a system calls a sentence if it is several, or longer than any sentence; usually it is one piece.

    What is struck out isn't read.
    """
    text = _STRUCK.sub("", text)
    sentences = [text[span.start : span.end] for span in split_sentences(text)] or [text]
    return [piece for sentence in sentences for piece in _divided(sentence)]


def _divided(sentence: str) -> Iterator[str]:
    if words_in(sentence) <= LONGEST:
        yield sentence
        return
    for claim in claims_of(sentence):
        yield from _stretches(claim, LONGEST)


def _stated(table: Sequence[Sequence[str]], place: int) -> bool:
    """Whether the sentence at this place states a nugget, in part at least."""
    return any(row[place] in (FULL, PARTIAL) for row in table)


def _bare(text: str) -> bool:
    """Whether a sentence is little more than a figure, as "It is 12%." is."""
    return len(terms(text)) < FEWEST_TERMS and any(letter.isdigit() for letter in text)


def _hardly_more(text: str, wanted: str) -> bool:
    """Whether a sentence gives one string and no alternative: "12% or 14%" and "six, seven" choose neither."""
    rest = _folded(text.casefold()).replace(_folded(wanted.casefold()), " ", 1)
    chosen = not (terms(rest) and _BESIDE.search(rest))
    return chosen and len(terms(text)) - len(terms(wanted)) < FEWEST_TERMS


def _repeats(text: str, before: Sequence[str]) -> bool:
    """Whether earlier sentences already have every word of it."""
    words = _words(text)
    return any(words <= _words(earlier) for earlier in before)


def _asks_back(text: str, question: str) -> bool:
    """Whether a sentence repeats the question or its beginning: it opens the same way and adds no word."""
    said, asked = _WORD.findall(text.casefold()), _WORD.findall(question.casefold())
    return said[:1] == asked[:1] and set(said) <= set(asked)


def _lacks_figure(alternatives: Sequence[str], text: str) -> bool:
    """Whether a nugget's strings are all figures, and a text has none of them in any spelling."""
    wanted = [quantities(alternative) for alternative in alternatives]
    if not wanted or not all(wanted):
        return False
    said = quantities(text)
    # By value alone as well: "7 main classes" and "in 7 classes" count different things to a program.
    return not any(same(a, b) or a.value == b.value for figures in wanted for a in figures for b in said)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _answers(case: Case) -> tuple[str, ...]:
    """Return the strings that are asked for, the longest first."""
    return tuple(sorted({wanted for nugget in case.facts for wanted in nugget.alternatives}, key=len, reverse=True))


def _truth(case: Case, passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return what a sentence has to agree with: the gold papers that were read, and evidence that isn't in them."""
    texts = tuple(passage.text for passage in passages if passage.id in case.gold and passage.text)
    known = dict.fromkeys(e.sentence for e in (*case.evidence, *(e for n in case.facts for e in n.evidence)))
    return (*texts, *(s for s in known if s and not any(_says(text, s) for text in texts)))


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one answer is read: the judge, the passages, and the texts that what it states has to agree with.

    `lenient`: a sentence that is hardly more than what was asked for needs no support.
    """

    check: Check
    passages: Sequence[Passage]
    truth: tuple[str, ...]
    question: str
    answers: tuple[str, ...] = ()
    lenient: bool = True

    def table(self, nuggets: Sequence[Nugget], texts: Sequence[str]) -> list[list[str]]:
        """Return for each nugget how far each sentence states it."""
        return [[self.degree(nugget, text) for text in texts] for nugget in nuggets]

    def degree(self, nugget: Nugget, text: str) -> str:
        """Return how far one sentence states a nugget: word for word, by one of its strings, or as the checker finds.

        Holding the string isn't enough: "A reached 76%, B 79%" has the figures of a paper that says the opposite.
        """
        sentences = [sentence for e in nugget.evidence if (sentence := sentence_of(e, self.passages))]
        held = [wanted for wanted in nugget.alternatives if holds(text, wanted)]
        if any(_folded(text) == _folded(sentence) for sentence in sentences):
            return FULL if held or not nugget.alternatives else PARTIAL
        if not held:
            return self._entailed(nugget, text)
        around = [sentence for sentence in sentences if _says(text, sentence)]
        return _least(self._true(text, held), *(self._follows(sentence, text) for sentence in around))

    def without_disowned(
        self, table: Sequence[Sequence[str]], texts: Sequence[str], everything: Sequence[str]
    ) -> list[list[str]]:
        """Return the table without what an answer takes back, by the words around it or by a remark before or after."""
        stating = [place for place in range(len(texts)) if _stated(table, place)]
        if not stating:
            return [list(row) for row in table]
        remarks = [place for place in range(len(everything)) if place not in stating]
        ahead = min((n for n in remarks if disowns_what_follows(self._frame(everything, n))), default=len(everything))
        behind = max((n for n in remarks if n > stating[0] and disowns(self._frame(everything, n))), default=-1)
        taken_back = {n for n in stating if n > ahead or n < behind or disowns(self._in_context(everything, n))}
        return [[DENIED if n in taken_back and d != NONE else d for n, d in enumerate(row)] for row in table]

    def _frame(self, texts: Sequence[str], place: int) -> str:
        """Return a sentence without what it copies, or without the answer that it is hardly more than."""
        passages = (passage.text for passage in self.passages if passage.text)
        bare = [wanted for wanted in self.answers if _hardly_more(texts[place], wanted)]
        return frame(texts[place], dict.fromkeys((*self.truth, *passages)), bare)

    def _in_context(self, texts: Sequence[str], place: int) -> str:
        """Return the frame of a sentence with the heading above it and, of a question, with what is replied.

        A question without a reply takes nothing back: "Did you know that …?" states what it asks.
        """
        own = self._frame(texts, place)
        heading = next((text for text in reversed(texts[:place]) if text.endswith(":")), "")
        asks = texts[place].endswith("?")
        reply = "".join(texts[place + 1 : place + 2]) if asks else ""
        if asks and not reply:
            return ""
        return " ".join((heading, own or f"{STANDS_FOR}.", reply)).strip() if heading or reply else own

    def denied(self, row: Sequence[str], texts: Sequence[str], everything: Sequence[str]) -> bool:
        """Return whether an answer denies what it states of a nugget, before or after, however long it is.

        "It rises. It does not rise." tells the reader nothing. What the passages support denies nothing: two papers may
        disagree.
        """
        stating = [text for text, degree in zip(texts, row, strict=True) if degree in (FULL, PARTIAL)]
        return any(self._denies(text, one) for one in stating for text in everything if text != one)

    def _denies(self, text: str, stated: str) -> bool:
        held = tuple(dict.fromkeys((*self.truth, *(passage.text for passage in self.passages if passage.text))))
        if _shared(stated, text) < WORTH_ASKING or any(_says(one, text) for one in held):
            return False
        contradicted = self.check(text, (stated,)).verdict is Verdict.CONTRADICTED
        return contradicted and self.check(text, held).verdict is not Verdict.SUPPORTED

    def whole_degree(self, nugget: Nugget, whole: str, row: Sequence[str]) -> str:
        """Return how far an answer states a nugget: as its best sentence does, or all of them together."""
        best = next((degree for degree in (DENIED, FULL, UNKNOWN, PARTIAL) if degree in row), NONE)
        if best in (DENIED, FULL, UNKNOWN) or nugget.alternatives:
            return best
        found = self._entailed(nugget, whole)
        return best if found == NONE else found

    def _true(self, text: str, held: Sequence[str]) -> str:
        """Return how far the gold papers support a sentence with these strings; in full where nothing is known."""
        if not self.truth:
            return FULL
        verdict = self.check(text, self.truth).verdict
        bare = self.lenient and any(_hardly_more(text, wanted) for wanted in held)
        return FULL if bare and verdict is not Verdict.CONTRADICTED else DEGREES.get(verdict, NONE)

    def _follows(self, fact: str, text: str) -> str:
        """Return how far a fact follows from a text: "Perhaps it rises" doesn't say that it rises."""
        return DEGREES.get(self.check(fact, (text,)).verdict, NONE)

    def _entailed(self, nugget: Nugget, text: str) -> str:
        """Return how far a text states a fact; not at all if the gold papers contradict the text.

        The question doesn't state it, and neither does a text without the figure where the answer is one.
        """
        if _asks_back(text, self.question) or _lacks_figure(nugget.alternatives, text):
            return NONE
        if _shared(nugget.fact, text) < WORTH_ASKING and not in_another_language(text):
            return NONE
        found = self._follows(nugget.fact, text)
        denied = found != NONE and self.truth and self.check(text, self.truth).verdict is Verdict.CONTRADICTED
        return NONE if denied else found


def sentence_of(evidence: GoldSentence, passages: Sequence[Passage]) -> str:
    """Return a sentence of the evidence, looked up by its number in the passages where that is all that is known."""
    if evidence.sentence:
        return evidence.sentence
    text = next((passage.text for passage in passages if passage.id == evidence.paper), "")
    spans = split_sentences(text)
    if evidence.number is None or evidence.number >= len(spans):
        return ""
    return text[spans[evidence.number].start : spans[evidence.number].end]


def _says(text: str, sentence: str) -> bool:
    return _folded(sentence).rstrip(".").casefold() in _folded(text).casefold()


def _least(*degrees: str) -> str:
    return min(degrees, key=(NONE, PARTIAL, UNKNOWN, FULL).index)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _shared(fact: str, text: str) -> float:
    wanted = set(terms(fact))
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 0.0
