"""The gate: whether a question is declined, and why, decided before anything is written.

Single signals are weak: a question about a benchmark that the paper never reports is as similar to the paper as one
that it answers. So several are combined: the reader's score of the best sentence, whether the best paper has the names
and terms that the question asks about, and how near it all is. The weights were fitted to the development half of the
question set by `bench/train_declining.py`; docs/lab/verification.md has the numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import exp, log

from rag.models.minilm import tokenizer
from rag.question.answerability_weights import ANSWERED_FROM, BIAS, STRANGE_FROM, WEIGHTS
from rag.question.answering import log_odds
from rag.question.any_study import OF_ANY_STUDY
from rag.question.scope import FRAME
from rag.question.understood import Understood
from rag.text.mentions import misspelt, unmentioned
from rag.text.person_names import first_author, fold_name
from rag.text.question_form import FORM_WORDS, QuestionReading
from rag.text.reading import Reading, Word, read
from rag.text.words import STOPWORDS, content_words, fold, stem, stems, term_set, words
from rag.types import Evidence, Hit, Issue, Paper, Reason

# Stems that say nothing of what a paper is about.
_UNSPECIFIC = FORM_WORDS | FRAME | {"use", "et", "al"}
# What papers report in their sections, tables and appendices, hardly ever in the abstract.
_FULL_TEXT = re.compile(
    r"\b(?:learning rates?|batch sizes?|weight decay|warm-?up|optimi[sz]ers?|dropout|hyper-?parameters?|"
    r"(?:random )?seeds?|gpu|gpus|tpus?|[avh]100s?|hardware|training time|wall-?clock|annotators?|hourly|per hour|paid|"
    r"inter-?annotator|kappa|appendi(?:x|ces)|supplement\w*|(?:table|figure|fig\.|section|equation|algorithm|footnote|page)"
    r" \d+|figure [a-z]\b|appendix [a-z]\b|(?:the|which|ablation|this) (?:table|figure|footnote)s?|ablations?|funded|"
    r"funding|ethics|irb|acknowledg\w+|(?:sampling|decoding|softmax) temperature|top-?p|decoding|"
    r"attention heads?|hidden (?:size|dimension)s?|"
    r"layers?|epochs?|code repository|github|licen[cs]e)\b",
    re.IGNORECASE,
)
# A question that shares hardly a word with the library (a paraphrase, another language) can't be judged by its words:
# there the cosine alone decides. Not where it has a proper name (GroupViT, ADE20K, Wei et al.), which has no other
# wording.
STRANGE = 0.7
NOT_ENGLISH = "The question isn't in English: without a language model, sentences are chosen by their vectors alone."
NOT_FOUND = "No abstract answers this question, which isn't in English. Ask it in English, or name a language model."

# Cosines: where the nearest sentence is this near, words that the papers lack count for nothing; what leaving them out
# must add (docs/lab/verification.md).
FAR, NEARER = 0.6, 0.05


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals for and against an answer. Shares are in [0, 1].

    None depends on how many papers the library holds: BM25 scores and the lead over the next paper do, and would
    decline a fair question put to a library of three papers.
    """

    read: float  # log odds, by the reader, that the best sentence of the first paper answers
    relevance: float  # cosine of the question and the nearest sentence
    dense: float  # cosine of the question and the best window of the first paper
    paper_coverage: float  # share of the question's terms in the one paper that has most of them
    unmet: float  # share of the terms that no retrieved paper has
    missing_names: float  # `unmentioned` ones, at most 2
    full_text: float  # 1 where it asks for a detail that only the full text of the nearest paper would have
    foreign: float  # 1 where the question is in another language: then terms mean nothing


@dataclass(frozen=True)  # without slots: cached properties need the instance's dict
class Found:
    """What a search found: the question that was searched for, the papers, and their sentences.

    The gate may be asked several times about it; what is measured is measured once.
    """

    asked: QuestionReading
    hits: Sequence[Hit]
    evidence: Sequence[Evidence]
    nearest: Callable[[str], float] = lambda _text: 0.0
    """Returns the cosine of another text and the sentence of these papers that is nearest to it."""

    @cached_property
    def unmentioned(self) -> list[str]:
        """The names of the question that none of these papers mentions."""
        return unmentioned(self.asked.text, self.evidence)

    @cached_property
    def missing(self) -> list[str]:
        """The names and the rare words of the question that none of these papers has, as written and in order."""
        named = set(words(" ".join(self.unmentioned)))
        rare = [word for word in unheard(self.asked, self.evidence) if not named & set(words(word))]
        written = {fold(word): word for word in re.findall(r"\w[\w'’-]*", self.asked.text)}
        folded = self.asked.folded
        both = [*self.unmentioned, *(written.get(word, word) for word in rare)]
        return sorted(both, key=lambda word: folded.find(fold(word)))

    @cached_property
    def about_something_else(self) -> bool:
        """Whether the question is about something that none of these papers has.

        So it is if the papers are far, and clearly nearer to the question without the words that they lack: a drug that
        they don't know leads away from them ("semaglutide"), another word for what they know doesn't ("germs"). It is
        about nothing else where no other word is left: "What is semaglutide?".
        """
        if self.asked.foreign or not self.missing or self.signals.relevance >= FAR:
            return False
        lacking = "|".join(re.escape(fold(word)) for word in self.missing)
        rest = re.sub(rf"(?<!\w)(?:{lacking})(?!\w)", " ", self.asked.folded)
        nothing_left = not _terms(read(rest)) or not QuestionReading(rest).subject
        return nothing_left or self.nearest(rest) > self.signals.relevance + NEARER

    @cached_property
    def signals(self) -> Signals:
        """The question measured against its evidence, which is not empty."""
        return _signals(self)


@dataclass(frozen=True, slots=True)
class Answerability:
    """Whether a question can be answered, and what the reader should know either way.

    `reason` is why it is declined, None where it can be answered. `message` replaces the reason's own wording.
    `offers_papers`: whether the nearest papers are worth offering with a refusal.
    """

    reason: Reason | None = None
    message: str = ""
    issues: tuple[Issue, ...] = ()
    offers_papers: bool = True


def answerability(
    meant: Understood,
    papers: int,
    within: int,
    found: Found | None = None,
    *,
    read_by_model: bool = False,
    shift: float = 0.0,
) -> Answerability:
    """Decide whether a question can be answered: the one gate, asked before the search and again with what it found.

    `papers` is the size of the library, `within` how many of its papers pass the filters. `read_by_model`: a language
    model reads what was found and decides itself whether that answers the question; it only needs some evidence.
    `shift` is what the library's own calibration adds to the log odds (`rag.question.calibration`).
    """
    if found is not None:
        gate = _from_evidence(meant, found, shift)
        if read_by_model and found.evidence:
            return Answerability(issues=gate.issues)
        return _in_another_language(gate) if found.asked.foreign else gate
    if not papers:
        return Answerability(Reason.NO_PAPERS)
    if not meant.a_question:
        return Answerability(Reason.NO_QUESTION)
    if meant.nothing or not within:
        return Answerability(Reason.FILTERED_OUT, meant.nothing)
    return Answerability()


def _in_another_language(gate: Answerability) -> Answerability:
    """Say that a question wasn't read, as the reader only knows English."""
    if gate.reason is None:
        return replace(gate, issues=(*gate.issues, Issue("not_english", NOT_ENGLISH)))
    return replace(gate, message=NOT_FOUND) if gate.reason is Reason.LOW_RELEVANCE else gate


def _from_evidence(meant: Understood, found: Found, shift: float) -> Answerability:
    if holds_no_word(found.asked, found.hits):
        issue = Issue("unknown_words", "No paper in the library holds any of these words.")
        return Answerability(Reason.LOW_RELEVANCE, issues=(issue,), offers_papers=False)
    issues: tuple[Issue, ...] = ()
    if found.evidence and found.missing:
        issues = (Issue("unmentioned", f"None of the papers found mentions {', '.join(found.missing)}."),)
    own_is_missing = says_nothing_of(meant.own, {item.paper for item in found.evidence})
    if own_is_missing or (found.evidence and found.about_something_else):
        return Answerability(Reason.LOW_RELEVANCE, issues=issues)
    return Answerability(assess(found, shift), issues=issues)


def assess(found: Found, shift: float = 0.0) -> Reason | None:
    """Return why the question can't be answered from what was found, None where it probably can."""
    if not found.hits:
        return Reason.NO_PAPERS
    if not found.evidence or not found.asked.words:
        return Reason.LOW_RELEVANCE
    if _probability(found.signals, shift) >= ANSWERED_FROM or _asks_only_who_found(found.asked, found.hits[0]):
        return None
    about_the_paper = found.signals.full_text and found.signals.relevance >= STRANGE_FROM
    return Reason.NEEDS_FULL_TEXT if about_the_paper else Reason.LOW_RELEVANCE


def _asks_only_who_found(asked: QuestionReading, first: Hit) -> bool:
    """Whether a question names nothing but the author of the first paper: "What did Fell et al. find?"."""
    terms = [word for word in _terms(read(asked.text)) if word.stem not in OF_ANY_STUDY]
    return first_author(first.paper) in asked.authors and all(fold_name(word.low) in asked.authors for word in terms)


def holds_no_word(asked: QuestionReading, hits: Sequence[Hit]) -> bool:
    """Whether a question has only words that no paper contains: "asdf qwer". A function word makes it a question."""
    unheard = bool(hits) and all(hit.lexical == 0 for hit in hits)
    return unheard and not set(asked.words) & STOPWORDS and not asked.foreign


def says_nothing_of(own: str, papers: Iterable[Paper]) -> bool:
    """Whether these papers have none of what a follow-up newly asks about."""
    wanted = term_set(own) - FORM_WORDS - OF_ANY_STUDY
    held = {term for paper in papers for term in term_set(f"{paper.title} {paper.abstract}")}
    return bool(wanted) and not wanted & held


def confidence(found: Found, shift: float = 0.0) -> float:
    """Return how likely the evidence answers the question, in [0, 1]; the gate decides on it."""
    return _probability(found.signals, shift) if found.evidence and found.hits else 0.0


def _signals(found: Found) -> Signals:
    asked, hits, evidence = found.asked, found.hits, found.evidence
    papers: dict[str, str] = {}
    for item in evidence:
        papers.setdefault(item.paper.id, f"{item.paper.title}. {item.paper.abstract}")
    everything = "\n".join(papers.values())
    people = {first_author(item.paper) for item in evidence}
    wanted = [] if asked.foreign else [term for term in _terms(read(asked.text)) if fold_name(term.low) not in people]
    near = sorted(evidence, key=lambda item: -item.relevance)
    nearest = near[0].paper.id
    of_first = [item for item in evidence if item.paper.id == hits[0].paper_id]
    best = max(papers, key=lambda paper: _coverage(wanted, papers[paper]) + near[0].relevance * (paper == nearest))
    held = frozenset().union(*map(_stems, papers.values()))
    unmet = [word for word in wanted if word.stem not in held and not misspelt(word.low, everything)]
    return Signals(
        read=log_odds(max(item.read or 0.0 for item in of_first or evidence)),
        relevance=near[0].relevance,
        dense=hits[0].dense if hits[0].dense is not None else near[0].relevance,
        paper_coverage=_coverage(wanted, papers[best]),
        unmet=len(unmet) / len(wanted) if wanted else 0.3,
        missing_names=float(min(2, len(found.unmentioned))),
        full_text=float(_wants_full_text(asked.text, papers[best])),
        foreign=float(asked.foreign),
    )


def unheard(asked: QuestionReading, evidence: Sequence[Evidence]) -> list[str]:
    """Return the rare words of the question that none of these papers has in any spelling: "semaglutide".

    A word is rare if the embedding model, which has a piece of its own for each common word, cuts it into several.
    """
    if asked.foreign:
        return []
    papers = dict.fromkeys(item.paper for item in evidence)
    text = "\n".join(f"{paper.title}. {paper.abstract} {paper.year or ''}" for paper in papers)
    held = _stems(text)
    people = {first_author(paper) for paper in papers} | asked.authors
    mentioned = (re.sub(r"['’]s$", "", word) for word in content_words(asked.text))
    return [
        word
        for word in dict.fromkeys(mentioned)
        if stem(word) not in held and fold_name(word) not in people and _is_rare(word) and not misspelt(word, text)
    ]


@lru_cache(maxsize=4096)
def _is_rare(word: str) -> bool:
    """Whether a word and its singular take more than one word piece."""
    return all(
        len(tokenizer().encode(form, add_special_tokens=False).ids) > 1 for form in {word, word.removesuffix("s")}
    )


def log_odds_of_answer(found: Found) -> float:
    """Return the log odds that the evidence, which isn't empty, answers the question."""
    return _log_odds(found.signals)


def _probability(found: Signals, shift: float = 0.0) -> float:
    # A question whose words say nothing about the library is judged by the cosine alone, in every library alike.
    total = _log_odds(found) + (0.0 if is_strange(found) else shift)
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))


def _log_odds(found: Signals) -> float:
    if is_strange(found):
        # Ten points of cosine above the threshold make an answer about three times as likely.
        return log(ANSWERED_FROM / (1 - ANSWERED_FROM)) + 12 * (found.relevance - STRANGE_FROM)
    return BIAS + sum(weight * float(getattr(found, name)) for name, weight in WEIGHTS.items())


def is_strange(found: Signals) -> bool:
    """Whether the question's words say nothing about what the library has."""
    return bool(found.foreign) or (found.unmet >= STRANGE and not found.missing_names)


def _terms(asked: Reading) -> list[Word]:
    return [w for w in asked.words if w.content and w.stem not in _UNSPECIFIC]


def _coverage(wanted: Sequence[Word], text: str) -> float:
    held = _stems(text)
    return sum(word.stem in held for word in wanted) / len(wanted) if wanted else 0.5


@lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stems(words(text)))


def _wants_full_text(question: str, abstract: str) -> bool:
    details = {match.group().casefold() for match in _FULL_TEXT.finditer(question)}
    return bool(details) and not any(detail.rstrip("s") in abstract.casefold() for detail in details)
