"""Each citing sentence against the abstracts of its papers, and what else of the library supports it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from rag.index.sentence_vectors import embed_long
from rag.library import Library
from rag.manuscript.cited_papers import References, Resolver
from rag.manuscript.findings import Cited, Outcome, Pin, Pinned, Report, Uncited
from rag.manuscript.passages import Manuscript, ManuscriptSentence
from rag.models.boundary import name_of
from rag.models.embedding import Embedder
from rag.progress import Progress
from rag.text.roles import roles_of_spans
from rag.text.sentences import split_sentences
from rag.text.words import term_set
from rag.types import Filters, Hit, Paper, Role, Span, Support, Verdict
from rag.verify import BoundedChecker, Checker
from rag.verify.agreement import PLAINLY

# An unsupported sentence is said not to be in the abstract only below this score: between here and the checker's own
# limit a guard objects to what its other witnesses support. Chosen with all of `bench/manuscripts.py` in view.
NOT_IN_ABSTRACT_BELOW = 0.07
SEARCHED = 6  # papers that are searched for one that supports a sentence
CANDIDATES = 4  # of them that are judged: those nearest to it
OFFERED = 3
OTHERS_SUPPORT = "what else it cites supports it"
# Cosine of an abstract's best window from which it is judged for a sentence that cites nothing.
NEAR = 0.4
# Content words of a sentence without citation that states a finding; headings and bits have fewer.
FEWEST_TERMS = 5
FEWEST_OF_A_CLAIM = 2
_OF_FINDINGS = frozenset({Role.RESULT, Role.CONCLUSION, Role.UNKNOWN})
_OUTCOMES = {
    Verdict.SUPPORTED: Outcome.SUPPORTED,
    Verdict.PARTIAL: Outcome.PARTLY,
    Verdict.CONTRADICTED: Outcome.CONTRADICTED,
    Verdict.UNKNOWN: Outcome.UNKNOWN,
}


def check_manuscript(
    manuscript: Manuscript,
    library: Library,
    references: References,
    checker: Checker,
    *,
    progress: Progress | None = None,
    uncited: bool = True,
) -> Report:
    """Check each citation of a manuscript, and find what it states without one that the library supports.

    `progress` is called with the sentences done and the total; `uncited` False leaves out those without a citation.
    """
    bench = _Bench(library, library.embedder, BoundedChecker(checker))
    resolve = Resolver(library, references, manuscript.references)
    passages = [one for one in manuscript.passages if one.keys or uncited]
    pinned: list[Pinned] = []
    without: list[Uncited] = []
    for done, passage in enumerate(passages, 1):
        if passage.keys:
            pinned.append(_pinned(passage, resolve, bench))
        elif support := _support_of_uncited(passage, bench):
            without.append(Uncited(passage, support))
        if progress is not None:
            progress(done, len(passages))
    return Report(manuscript, tuple(pinned), tuple(without), (*manuscript.notes, *references.notes), name_of(checker))


@dataclass(frozen=True, slots=True)
class _Bench:
    """What sentences are judged with."""

    library: Library
    embedder: Embedder
    checker: Checker

    def judge(self, claim: str, papers: Sequence[Paper]) -> Support:
        """Judge a claim against the abstracts of papers together; "See also" is none."""
        if len(term_set(claim)) < FEWEST_OF_A_CLAIM:
            return Support(0.0, Verdict.UNKNOWN, "it states nothing that can be checked")
        return self.checker.check(claim, [text for paper in papers for text in evidence_of(paper)])


def evidence_of(paper: Paper) -> tuple[str, ...]:
    """Return what a paper's record says: its title, which often states the finding, and its abstract."""
    return tuple(text for text in (paper.title, paper.abstract) if text)


def outcome_of(judged: Support) -> Outcome:
    """Return the outcome of a judgement: a borderline sentence isn't reported as missing."""
    if judged.verdict is Verdict.UNSUPPORTED:
        return Outcome.NOT_IN_ABSTRACT if judged.score < NOT_IN_ABSTRACT_BELOW else Outcome.PARTLY
    return _OUTCOMES[judged.verdict]


def _pinned(passage: ManuscriptSentence, resolve: Resolver, bench: _Bench) -> Pinned:
    cited = tuple(_cited(key, passage.claim, resolve, bench) for key in passage.keys)
    papers = [one.paper for one in cited if one.paper is not None]
    together = bench.judge(passage.claim, papers) if papers else Support(0.0, Verdict.UNKNOWN)
    outcome, why = _together(cited, together)
    stands = Outcome.SUPPORTED in (outcome, outcome_of(together))
    instead = () if stands or outcome is Outcome.UNKNOWN else _elsewhere(passage.claim, papers, bench)
    return Pinned(passage, outcome, together.score, why, cited, instead)


def _cited(key: str, claim: str, resolve: Resolver, bench: _Bench) -> Cited:
    found = resolve(key)
    if found.paper is None:
        return Cited(key, Outcome.NOT_IN_LIBRARY, 0.0, found.why)
    judged = bench.judge(claim, [found.paper])
    pin = nearest_sentence(claim, found.paper, bench.embedder)
    if found.paper.retracted:
        return Cited(key, Outcome.RETRACTED, judged.score, found.paper.retraction, found.paper, pin)
    return Cited(key, outcome_of(judged), judged.score, judged.why, found.paper, pin)


def _together(cited: Sequence[Cited], together: Support) -> tuple[Outcome, str]:
    """Return what all cited papers together say of a sentence.

    One that isn't here can't be checked, whatever the others say, and may be the one that supports the sentence.
    """
    if retracted := next((one for one in cited if one.outcome is Outcome.RETRACTED), None):
        return Outcome.RETRACTED, retracted.why
    found = outcome_of(together)
    missing = [one.why for one in cited if one.paper is None]
    if not missing or found is Outcome.CONTRADICTED:
        return found, together.why
    others = [OTHERS_SUPPORT] if found is Outcome.SUPPORTED else []
    return Outcome.NOT_IN_LIBRARY, "; ".join(dict.fromkeys([*missing, *others]))


def nearest_sentence(claim: str, paper: Paper, embedder: Embedder) -> Pin | None:
    """Return the sentence of an abstract that is nearest to the claim in meaning, None where there is no abstract."""
    spans = split_sentences(paper.abstract)
    if not spans:
        return None
    vectors = embed_long(embedder, [claim, *(paper.abstract[span.start : span.end] for span in spans)])
    return _pin(paper, spans[int(np.argmax(vectors[1:] @ vectors[0]))])


def _pin(paper: Paper, span: Span) -> Pin:
    return Pin(paper, paper.abstract[span.start : span.end], span.start, span.end)


def _elsewhere(claim: str, cited: Sequence[Paper], bench: _Bench) -> tuple[Pin, ...]:
    """Return sentences of other papers that plainly support a claim, one a paper."""
    own = {name for paper in cited for name in (paper.id, paper.title.casefold())}
    hits = (hit for hit in _near(claim, bench, 0.0) if own.isdisjoint((hit.paper.id, hit.paper.title.casefold())))
    return _supporting(claim, hits, bench)


def _support_of_uncited(passage: ManuscriptSentence, bench: _Bench) -> tuple[Pin, ...]:
    """Return the findings of the library that support a sentence without a citation."""
    if len(term_set(passage.claim)) < FEWEST_TERMS or passage.claim.endswith("?"):
        return ()
    return _supporting(passage.claim, (hit for hit in _near(passage.claim, bench, NEAR) if _is_finding(hit)), bench)


def _is_finding(hit: Hit) -> bool:
    return roles_of_spans(hit.paper, [Span(hit.start, hit.end)])[0] in _OF_FINDINGS


def _near(claim: str, bench: _Bench, near: float) -> list[Hit]:
    """Return the papers of the library nearest to a claim, none that was retracted."""
    hits = bench.library.find(claim, SEARCHED, Filters()) if bench.library.exists else []
    return [hit for hit in hits if not hit.paper.retracted and (hit.dense or 0.0) >= near]


def _supporting(claim: str, hits: Iterable[Hit], bench: _Bench) -> tuple[Pin, ...]:
    """Return the best sentence of each paper whose abstract plainly supports a claim.

    The whole abstract is judged: it may take back what one sentence of it seems to say.
    """
    judged = ((hit, bench.judge(claim, [hit.paper])) for hit in islice(hits, CANDIDATES))
    plain = (h for h, found in judged if found.verdict is Verdict.SUPPORTED and found.score >= PLAINLY)
    return tuple(Pin(hit.paper, hit.quote, hit.start, hit.end) for hit in islice(plain, OFFERED))
