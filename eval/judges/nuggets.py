"""Which facts of a good answer an answer states, and which of its sentences state them.

Nuggets are those of TREC RAG (Pradeep et al. 2024, "Initial Nugget Evaluation Results for the TREC 2024 RAG Track"):
vital or okay, each assigned full support, partial support or none. An answer is read to a length that leaves room for
its nuggets, as TREC reads 400 words: else quoting every abstract would state them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from eval.answers.responses import Claim, Passage, Response
from eval.questions import Case, GoldSentence, Nugget, holds
from rag.text.language import in_another_language
from rag.text.sentences import split_sentences
from rag.text.words import terms
from rag.types import Support, Verdict

# Twice the words of a sentence in an abstract for each nugget, and three sentences at least.
WORDS_A_NUGGET, FEWEST_WORDS = 40, 60
# A sentence that shares less of a nugget's words is not asked about: most pairs have nothing in common.
WORTH_ASKING = 0.3
# A sentence of fewer content words besides a string ("There were six.") is hardly more than the string, which decides.
FEWEST_TERMS = 2
FULL, PARTIAL, NONE, UNKNOWN = "full", "partial", "none", "unknown"
DEGREES = {Verdict.SUPPORTED: FULL, Verdict.PARTIAL: PARTIAL, Verdict.UNKNOWN: UNKNOWN}

Check = Callable[[str, tuple[str, ...]], Support]


@dataclass(frozen=True, slots=True)
class NuggetsFound:
    """For each nugget of the question `full`, `partial`, `none`, or `unknown` where the judge gave no verdict.

    `answering` has for each sentence whether it states one. `read` is how many sentences were read before the answer
    grew too long; the others state nothing.
    """

    degrees: tuple[str, ...]
    answering: tuple[bool, ...]
    read: int


def find_nuggets(case: Case, response: Response, check: Check) -> NuggetsFound | None:
    """Return what an answer states of its question's nuggets; None where the question has none or nothing was said."""
    if not case.facts or not response.answered:
        return None
    read = response.claims[: _read(response.claims, len(case.facts))]
    reading = _Reading(check, response.passages, _truth(case, response.passages))
    table = [[reading.degree(nugget, claim.text) for claim in read] for nugget in case.facts]
    whole = " ".join(claim.text for claim in read)
    degrees = [reading.whole_degree(n, whole, row) for n, row in zip(case.facts, table, strict=True)]
    answering = [any(row[place] in (FULL, PARTIAL) for row in table) for place in range(len(read))]
    return NuggetsFound(tuple(degrees), (*answering, *[False] * (len(response.claims) - len(read))), len(read))


def _read(claims: Sequence[Claim], nuggets: int) -> int:
    """Return how many sentences fit into the length; the first always does."""
    budget = max(FEWEST_WORDS, WORDS_A_NUGGET * nuggets)
    lengths = accumulate(len(claim.text.split()) for claim in claims)
    return max(1, sum(length <= budget for length in lengths))


def _truth(case: Case, passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return what a sentence has to agree with: the gold papers that were read, and evidence that isn't in them."""
    texts = tuple(passage.text for passage in passages if passage.id in case.gold and passage.text)
    known = dict.fromkeys(e.sentence for e in (*case.evidence, *(e for n in case.facts for e in n.evidence)))
    return (*texts, *(s for s in known if s and not any(_says(text, s) for text in texts)))


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one answer is read: the judge, the passages, and the texts that what it states has to agree with."""

    check: Check
    passages: Sequence[Passage]
    truth: tuple[str, ...]

    def degree(self, nugget: Nugget, text: str) -> str:
        """Return how far one sentence states a nugget: in its evidence's words, by a string of it, or by the checker.

        Holding the string isn't enough: "A reached 76%, B 79%" has the figures of a paper that says the opposite.
        """
        sentences = [sentence for e in nugget.evidence if (sentence := sentence_of(e, self.passages))]
        held = [wanted for wanted in nugget.alternatives if holds(text, wanted)]
        if any(_folded(text) == _folded(sentence) for sentence in sentences):
            return FULL if held or not nugget.alternatives else PARTIAL
        if held:
            return self._true(text, held)
        return self._entailed(nugget.fact, text)

    def whole_degree(self, nugget: Nugget, whole: str, row: Sequence[str]) -> str:
        """Return how far an answer states a nugget: as its best sentence does, or all of them together."""
        best = next((degree for degree in (FULL, UNKNOWN, PARTIAL) if degree in row), NONE)
        if best in (FULL, UNKNOWN) or nugget.alternatives:
            return best
        found = self._entailed(nugget.fact, whole)
        return best if found == NONE else found

    def _true(self, text: str, held: Sequence[str]) -> str:
        """Return how far the gold papers support a sentence with these strings; in full where nothing is known."""
        if not self.truth:
            return FULL
        verdict = self.check(text, self.truth).verdict
        bare = any(len(terms(text)) - len(terms(wanted)) < FEWEST_TERMS for wanted in held)
        return FULL if bare and verdict is not Verdict.CONTRADICTED else DEGREES.get(verdict, NONE)

    def _entailed(self, fact: str, text: str) -> str:
        """Return how far a text states a fact; not at all if the gold papers contradict the text."""
        if _shared(fact, text) < WORTH_ASKING and not in_another_language(text):
            return NONE
        found = DEGREES.get(self.check(fact, (text,)).verdict, NONE)
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
    return _folded(sentence) in _folded(text)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _shared(fact: str, text: str) -> float:
    wanted = set(terms(fact))
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 0.0
