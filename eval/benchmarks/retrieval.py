"""How well the search finds what is judged relevant, compared with BM25 alone, dense alone and their min-max fusion.

Rank metrics by ir-measures (MacAvaney et al. 2022), which asks trec_eval. A paper that several documents were merged
into counts for all of them; a document that could not be indexed counts as not found, and is named.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from eval.benchmarks.beir import BeirDocument, RelevanceJudgements, read_documents, read_judged
from eval.estimates import LEVEL, RESAMPLES, Floats, blocks, draws
from rag.errors import InputError
from rag.library import Library
from rag.retrieve.query import embed_question
from rag.retrieve.searchable import Searchable
from rag.text.words import terms
from rag.types import Filters, IngestReport
from rag.vectors import Rows, Scores

MEASURES = {"ndcg@10": nDCG @ 10, "mrr@10": RR @ 10, "recall@5": R @ 5, "recall@10": R @ 10, "recall@100": R @ 100}
DEPTH = 100  # papers asked for: as deep as the deepest measure looks
RETRIEVAL_SEED = 20_000
TIMED = 200  # questions whose search is timed, after the first few
WARM_UP = 5

Rankings = Mapping[str, Sequence[str]]  # question id → document ids, best first
Progress = Callable[[int, int], None]  # questions done, of how many


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over the questions with its 95% bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Lead:
    """The search's mean lead per question, with its 95% interval and the p-value of the paired test."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds per question: the median and the 95th percentile."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Result:
    """The result of `run`. `baselines` and `ahead` are keyed by baseline, then by measure.

    `not_indexed` maps a document's id to why it isn't in the library; `merged` counts documents that share a paper with
    another.
    """

    folder: str
    split: str
    questions: int
    documents: int
    merged: int
    not_indexed: Mapping[str, str]
    measures: Mapping[str, Mean]
    baselines: Mapping[str, Mapping[str, Mean]]
    ahead: Mapping[str, Mapping[str, Lead]]
    search: Times
    raw: Times

    def as_json(self) -> dict[str, Any]:
        """Return the document that `--json` prints: the measures on top, each baseline with its `ahead`."""
        plain = {name: _plain(found) for name, found in self.measures.items()}
        baselines = {
            name: {m: _plain(found) | {"ahead": _plain(self.ahead[name][m])} for m, found in measures.items()}
            for name, measures in self.baselines.items()
        }
        return plain | {
            "baselines": baselines,
            "folder": self.folder,
            "split": self.split,
            "questions": self.questions,
            "documents": self.documents,
            "merged": self.merged,
            "not_indexed": dict(self.not_indexed),
            "milliseconds": {"search": _plain(self.search), "raw": _plain(self.raw)},
        }

    def as_text(self) -> str:
        """Return the same as a table for a terminal."""
        lines = [
            f"{self.folder}, split {self.split}: {self.questions} questions, {self.documents} documents "
            f"({self.merged} merged, {len(self.not_indexed)} not indexed)",
            "",
            f"{'':<12}{'search':>7}  {'95% interval':<17}" + "".join(f"{n:>9} {'p':>7}" for n in self.baselines),
        ]
        for name, found in self.measures.items():
            baselines = "".join(
                f"{b[name].value:>9.4f} {self.ahead[n][name].p:>7.4f}" for n, b in self.baselines.items()
            )
            lines.append(f"{name:<12}{found.value:>7.4f}  [{found.low:.4f}, {found.high:.4f}] {baselines}")
        lines += [
            "",
            f"search {self.search.p50:.1f} ms (p95 {self.search.p95:.1f}); embedding the question and one query of "
            f"the index {self.raw.p50:.1f} ms (p95 {self.raw.p95:.1f})",
        ]
        lines += [f"not indexed: {document}: {why}" for document, why in self.not_indexed.items()]
        return "\n".join(lines)


def run(
    folder: str | Path, split: str, *, library: str | Path | None = None, progress: Progress | None = None
) -> Result:
    """Index a folder in BEIR layout, search it with the questions of one split, and measure.

    `library` is a folder to keep the index in, so that the next run embeds nothing; None makes one and deletes it.
    Raises `InputError` for a folder, split or line that can't be read.
    """
    folder = Path(folder)
    judged = read_judged(folder, split)
    documents = list(read_documents(folder))
    with ExitStack() as stack:
        kept = Path(library or stack.enter_context(tempfile.TemporaryDirectory(prefix="pincite-")))
        opened = stack.enter_context(Library.open(kept))
        report = _index(folder, documents, opened, stack)
        view = opened.snapshot()
        if view is None:
            raise InputError(f"{folder}: none of the {len(documents)} documents could be indexed: give them a text")
        names = _names(opened, {document.id for document in documents})
        ranked = _rank(judged.questions, opened, view, names, progress)
        return Result(
            folder=folder.name,
            split=split,
            questions=len(judged.questions),
            documents=len(documents),
            merged=sum(len(shared) - 1 for shared in names.values()),
            not_indexed=_not_indexed(documents, names, report),
            **_compare(judged, ranked),
            **_time(list(judged.questions.values()), kept),
        )


def _index(folder: Path, documents: Sequence[BeirDocument], library: Library, stack: ExitStack) -> IngestReport:
    """Add the corpus as a user would; a document without a title gets the beginning of its text as one."""
    if all(document.title or not document.text for document in documents):
        return library.add(folder / "corpus.jsonl")
    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pincite-"))) / "corpus.jsonl"
    with scratch.open("w", encoding="utf-8") as out:
        for document in documents:
            title = document.title or document.opening
            out.write(json.dumps({"_id": document.id, "title": title, "text": document.text}) + "\n")
    return library.add(scratch)


def _names(library: Library, wanted: set[str]) -> dict[str, list[str]]:
    """Return the document ids of each paper: the keys that its origins had."""
    keys = {paper.id: [origin.key for origin in paper.origins if origin.key in wanted] for paper in library.papers()}
    return {paper_id: list(dict.fromkeys(found)) for paper_id, found in keys.items() if found}


def _not_indexed(
    documents: Iterable[BeirDocument], names: Mapping[str, Sequence[str]], report: IngestReport
) -> dict[str, str]:
    indexed = {name for shared in names.values() for name in shared}
    why = {item.line: item.reason for item in (*report.without_abstract, *report.rejected)}
    missing = [(line, document) for line, document in enumerate(documents, start=1) if document.id not in indexed]
    return {document.id: why.get(line, "no abstract" if not document.text else "unknown") for line, document in missing}


def _rank(
    questions: Mapping[str, str],
    library: Library,
    view: Searchable,
    names: Mapping[str, Sequence[str]],
    progress: Progress | None,
) -> dict[str, Rankings]:
    """Rank the documents for each question by the search and by each baseline."""
    ranked: dict[str, dict[str, list[str]]] = {name: {} for name in ("search", *BASELINES)}
    for done, (question_id, question) in enumerate(questions.items()):
        hits = library.find(question, DEPTH, Filters())
        ranked["search"][question_id] = _documents((hit.paper_id for hit in hits), names)
        for name, baseline in BASELINES.items():
            rows = baseline(question, view, library)
            ranked[name][question_id] = _documents((view.paper_ids[row] for row in rows), names)
        if progress:
            progress(done + 1, len(questions))
    return dict(ranked)


def _documents(papers: Iterable[str], names: Mapping[str, Sequence[str]]) -> list[str]:
    return [document for paper in papers for document in names.get(paper, ())][:DEPTH]


def _bm25(question: str, view: Searchable, _: Library) -> Rows:
    scores = view.lexical_scores(Counter(terms(question)))
    order = np.argsort(-scores, kind="stable")[:DEPTH]
    return order[scores[order] > 0]


def _dense(question: str, view: Searchable, library: Library) -> Rows:
    return view.nearest(embed_question(question, library.embedder), DEPTH, None)[0]


def _min_max(question: str, view: Searchable, library: Library) -> Rows:
    """Return the best by the sum of both scores, each stretched to [0, 1] over all papers (Lee 1997)."""
    everything = np.ones(len(view.paper_ids), dtype=np.bool_)
    rows, cosines = view.nearest(embed_question(question, library.embedder), len(everything), everything)
    dense = np.zeros(len(everything), dtype=np.float32)
    dense[rows] = _stretch(cosines)
    return np.argsort(-(dense + _stretch(view.lexical_scores(Counter(terms(question))))), kind="stable")[:DEPTH]


def _stretch(scores: Scores) -> Scores:
    low, high = scores.min(initial=0), scores.max(initial=0)
    stretched: Scores = (scores - low) / max(high - low, 1e-9)
    return stretched


BASELINES: Mapping[str, Callable[[str, Searchable, Library], Rows]] = {
    "bm25": _bm25,
    "dense": _dense,
    "min_max": _min_max,
}


def _compare(judged: RelevanceJudgements, ranked: Mapping[str, Rankings]) -> dict[str, Any]:
    """Return the fields of `Result` that hold measures."""
    scores = {name: score(judged, rankings) for name, rankings in ranked.items()}
    mine = scores.pop("search")
    return {
        "measures": {m: estimate(values) for m, values in mine.items()},
        "baselines": {name: {m: estimate(values) for m, values in theirs.items()} for name, theirs in scores.items()},
        "ahead": {
            name: {m: difference(mine[m], values) for m, values in theirs.items()} for name, theirs in scores.items()
        },
    }


def score(judged: RelevanceJudgements, rankings: Rankings) -> dict[str, Floats]:
    """Return each measure of each question, in order; a question without results scores 0."""
    # trec_eval sorts by score and breaks ties by document id: falling scores keep our order.
    run = {q: {d: float(-place) for place, d in enumerate(found)} for q, found in rankings.items() if found}
    values = {name: dict.fromkeys(judged.questions, 0.0) for name in MEASURES}
    named = {str(measure): name for name, measure in MEASURES.items()}
    for found in ir_measures.iter_calc(list(MEASURES.values()), judged.relevant, run):
        values[named[str(found.measure)]][found.query_id] = found.value
    return {name: np.array(list(by_question.values())) for name, by_question in values.items()}


def estimate(values: Floats) -> Mean:
    """Return the mean with the percentile interval of a bootstrap over questions (Efron and Tibshirani 1993)."""
    low, high = _interval(values)
    return Mean(float(values.mean()), low, high)


def difference(mine: Floats, theirs: Floats) -> Lead:
    """Compare two systems question by question.

    The p-value is that of Fisher's two-sided randomisation test: how often a difference as large arises if a coin toss
    swaps each question's two scores (Smucker et al. 2007).
    """
    each = mine - theirs
    low, high = _interval(each)
    observed = abs(each.mean())
    generator = np.random.default_rng(RETRIEVAL_SEED)
    coins = (generator.integers(0, 2, size=(rows, len(each))) * 2 - 1 for rows in blocks(len(each)))
    swapped = np.abs(np.concatenate([signs @ each / len(each) for signs in coins]))
    p = (1 + int((swapped >= observed - 1e-12).sum())) / (1 + RESAMPLES)
    return Lead(float(each.mean()), low, high, float(p))


def _interval(values: Floats) -> tuple[float, float]:
    means = np.concatenate([values[drawn].mean(axis=1) for drawn in draws(len(values), RETRIEVAL_SEED)])
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _time(questions: Sequence[str], folder: Path) -> dict[str, Any]:
    """Time the search of ten papers and the least it needs, alternating, so that both run under the same conditions.

    The library is reopened once for each, since it would not embed the same question again.
    """
    search, raw = [], []
    with Library.open(folder) as searched, Library.open(folder) as bare:
        for question in questions[: TIMED + WARM_UP]:
            started = time.perf_counter()
            searched.find(question, 10, Filters())
            between = time.perf_counter()
            if (view := bare.snapshot()) is not None:
                view.nearest(embed_question(question, bare.embedder), 10, None)
            search.append(between - started)
            raw.append(time.perf_counter() - between)
    return {"search": _milliseconds(search), "raw": _milliseconds(raw)}


def _milliseconds(seconds: Sequence[float]) -> Times:
    counted = seconds[WARM_UP:] or seconds or [0.0]
    p50, p95 = np.quantile(counted, [0.5, 0.95]) * 1000
    return Times(float(p50), float(p95))


def _plain(found: Mean | Lead | Times) -> dict[str, float]:
    return asdict(found)
