"""run and score: questions asked and answers scored."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Sized
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.answers.authenticity import without_made_up
from eval.answers.citation_marks import marks_in
from eval.answers.file_format import read_responses
from eval.answers.responses import Response
from eval.benchmarks import fields, pubmedqa
from eval.judges.registry import card_of, judge_sha256, open_judge
from eval.questions import QUESTIONS, Case, load_cases
from eval.runs import summary
from eval.runs.asking import absent_from, asker, open_library
from eval.runs.progress import progress
from eval.runs.run import Run, execute, header_of, read_run, sha256_of
from eval.runs.scoring import score
from eval.runs.word_counting import together, word_counting
from rag.commands.output import print_json, say
from rag.config import Config, from_environment
from rag.errors import InputError
from rag.library import Library
from rag.models import load
from rag.models.boundary import name_of
from rag.models.chat import ChatModel
from rag.prompts import shipped, with_own
from rag.verify import load_checker
from rag.views.counts import counted

# A mark from 0; "[0, 1]" is an interval.
_ZERO = re.compile(r"\[0\]")
JUDGES = "builtin (default), overlap, openai:MODEL, ollama:MODEL or entailment:FOLDER"


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    run = commands.add_parser("run", help="ask a question set and score the answers")
    run.add_argument("--library", metavar="DIR", help="a library folder (default: the demo library, made for the run)")
    run.add_argument("--model", default="extractive", metavar="NAME", help="extractive (default), openai:… or ollama:…")
    run.add_argument("--jobs", type=positive, default=1, metavar="N", help="questions asked at a time (default: 1)")
    run.add_argument("--limit", type=positive, metavar="N", help="ask only the first questions, of each field")
    run.add_argument(
        "--fields",
        type=Path,
        metavar="FOLDER",
        help="ask the second set instead, on papers from this folder; --library keeps them for the next",
    )
    run.add_argument("--pubmedqa", metavar="FILE", help="ask these yes/no/maybe questions instead, on their contexts")
    _add_scoring(run)
    run.set_defaults(run=run_run)

    scoring = commands.add_parser("score", help="score the answers of any system")
    scoring.add_argument(
        "--answers", required=True, metavar="FILE", help="one JSON object per line: docs/evaluation.md"
    )
    scoring.add_argument("--library", metavar="DIR", help="check the passages against this library folder")
    _add_scoring(scoring)
    scoring.set_defaults(run=run_score)


def _add_scoring(command: argparse.ArgumentParser) -> None:
    command.add_argument("--questions", type=Path, default=QUESTIONS, metavar="FILE", help="default: the fixed set")
    command.add_argument(
        "--split", choices=("dev", "test", "all"), default="all", help="half of the set (default: all)"
    )
    command.add_argument("--judge", default="builtin", metavar="NAME", help=JUDGES)
    command.add_argument("--out", type=Path, metavar="FILE", help="keep the run here, in place of an older one")
    command.add_argument("--resume", action="store_true", help="keep what an interrupted run has left in --out")
    command.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def positive(text: str) -> int:
    """Read a whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number above 0")
    return int(text)


def run_run(options: argparse.Namespace) -> int:
    """Ask every question, score the answers, print the numbers."""
    _need_out(options)
    if options.pubmedqa:
        return _run_pubmedqa(options)
    judge, model = open_judge(options.judge), load(options.model, from_environment(model=options.model))
    open_asked = _fields if options.fields else _library
    with open_asked(options, model or options.model) as asked, _kept(options.out) as path:
        file = fields.QUESTIONS if options.fields else options.questions
        header = header_of(file, options.split, asked.cases, model=options.model, **_judged_by(options.judge))
        header |= asked.header
        show = progress(len(asked.cases), "asking")
        settled = {"jobs": options.jobs, "resume": options.resume, "progress": show}
        reused = execute(asked.cases, asked.ask, judge, header, path, **settled)
        _print(read_run(path), reused, as_json=options.json)
    return 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a run asks, what answers it, and what its header says about the library."""

    cases: Sequence[Case]
    ask: Callable[[Case], Response]
    header: Mapping[str, Any]


@contextmanager
def _library(options: argparse.Namespace, model: str | ChatModel) -> Iterator[_Asked]:
    """Ask a set of questions on one library."""
    cases = load_cases(options.questions, options.split)[: options.limit]
    with open_library(options.library) as library:
        header = {
            "library": library_of(options.library, library),
            **settings_of(library),
            "word_counting": word_counting(cases, texts_of(library)),
            **_absent(absent_from(library, cases)),
        }
        yield _Asked(cases, asker(library, model), header)


@contextmanager
def _fields(options: argparse.Namespace, model: str | ChatModel) -> Iterator[_Asked]:
    """Ask the second set, each question on the library of its field. `--library` names where the libraries stay."""
    if options.questions != QUESTIONS:
        raise InputError("--fields asks the second question set: leave out --questions")
    keep = Path(options.library) if options.library else None
    with ExitStack() as stack:
        asks, cases, counted, papers = {}, [], [], 0
        for field in fields.FIELDS:
            library, ids = stack.enter_context(fields.field_library(field, options.fields, keep))
            own = fields.field_cases(field, ids, fields.QUESTIONS, options.split)[: options.limit]
            asks[field] = asker(library, model)
            counted.append(word_counting(own, texts_of(library)))
            cases += own
            papers += len(library)
        header = {
            "library": {"name": f"{len(fields.FIELDS)} fields", "papers": papers},
            **settings_of(library),
            "word_counting": together(counted),
        }
        yield _Asked(cases, lambda case: asks[case.field](case), header)


def _absent(papers: Sequence[str]) -> dict[str, Any]:
    """Mention gold papers that aren't in the library, and return the entry of the header that names them."""
    if not papers:
        return {}
    few = "" if len(papers) == 1 else f", the first {papers[0]!r}"
    named = f"the gold paper {papers[0]!r} isn't" if len(papers) == 1 else f"{len(papers)} gold papers aren't"
    sys.stderr.write(
        f"{named} in the library{few}: add what is missing, or check the ids (`pincite papers` prints them)\n"
    )
    return {"absent": list(papers)}


def texts_of(library: Library) -> dict[str, str]:
    """Return the words of each paper, by its id."""
    return {paper.id: f"{paper.title} {paper.abstract}" for paper in library.papers()}


def run_score(options: argparse.Namespace) -> int:
    """Score an answers file, print the numbers."""
    _need_out(options)
    cases = load_cases(options.questions, options.split)
    responses, checked = _genuine(read_responses(options.answers), options.library, cases)
    _mention_unmarked(responses.values())
    models = sorted({response.model for response in responses.values() if response.model})
    unknown = sorted(set(responses) - {case.id for case in load_cases(options.questions, "all")})
    if unknown:
        note = _part(unknown, responses, "matches no question", "match no question")
        sys.stderr.write(f"{note} of this set, the first {unknown[0]!r}: left out, check the ids\n")
    answers = {"file": Path(options.answers).name, "sha256": sha256_of(Path(options.answers))}
    with _kept(options.out) as path:
        header = header_of(options.questions, options.split, cases, model=", ".join(models) or "unknown",
                           answers=answers, **_judged_by(options.judge), **checked)  # fmt: skip
        show = progress(len(cases), "scoring")
        judge = open_judge(options.judge)
        reused = score(cases, responses, judge, header, path, resume=options.resume, progress=show)
        _print(read_run(path), reused, as_json=options.json)
    return 0


def _genuine(
    responses: Mapping[str, Response], folder: str | None, cases: Sequence[Case]
) -> tuple[dict[str, Response], dict[str, Any]]:
    """Return the answers without the passages that a library lacks, and what the header says about the library.

    All of them, and nothing, where no library is named.
    """
    if folder is None:
        return dict(responses), {}
    with open_library(folder) as library:
        header = {"library": library_of(folder, library), **_absent(absent_from(library, cases))}
        papers = {paper.id: (paper.title, paper.abstract) for paper in library.papers()}
    checked = {name: without_made_up(response, papers) for name, response in responses.items()}
    changed = [name for name in checked if checked[name] != responses[name]]
    if changed:
        sys.stderr.write(
            f"{_part(changed, checked, 'names', 'name')} passages that {folder} doesn't hold, "
            f"the first {changed[0]!r}: marks on them lead nowhere\n"
        )
    return checked, header


def _part(found: Sized, whole: Sized, one: str, several: str) -> str:
    """Say how many of all answers do something: "1 of 3 answers holds"."""
    return f"{len(found)} of {counted(len(whole), 'answer')} {one if len(found) == 1 else several}"


def _mention_unmarked(responses: Collection[Response]) -> None:
    """State which answers would score low, or high, without a word: they have no marks, marks from 0, no passages."""
    cited = [r for r in responses if r.answered and r.passages]
    bare = [r for r in cited if not any(claim.marks for claim in r.claims)]
    lost = [r for r in responses if r.answered and not r.passages and any(claim.marks for claim in r.claims)]
    from_zero = [r for r in cited if _ZERO.search(r.text)]
    refusing = [r for r in responses if r.declined and r.passages and marks_in(r.text, r.passages)]
    if lost:
        _mention(lost, "answer cites and has", "answers cite and have", "no passages", "the marks lead nowhere")
    if bare:
        sys.stderr.write(
            f"{_part(bare, cited, 'with passages holds', 'with passages hold')} no mark that is known, the first "
            f"{bare[0].case!r}: docs/evaluation.md lists the styles\n"
        )
    if from_zero:
        _mention(from_zero, "answer holds", "answers hold", "[0]", "marks count from 1, add 1 to each")
    if refusing:
        _mention(refusing, "declined answer cites", "declined answers cite", "passages", "they count as refusals")


def _mention(found: Sequence[Response], one: str, several: str, what: str, why: str) -> None:
    sys.stderr.write(f"{counted(len(found), one, several)} {what}, the first {found[0].case!r}: {why}\n")


def _run_pubmedqa(options: argparse.Namespace) -> int:
    questions = pubmedqa.read_pubmedqa(options.pubmedqa)[: options.limit]
    model = load(options.model, from_environment(model=options.model))
    with TemporaryDirectory(prefix="pincite-eval-") as folder:
        papers = Path(folder) / "contexts.jsonl"
        pubmedqa.write_library(questions, papers)
        with Library.open(Path(folder) / "library") as library:
            library.add(papers)
            ask = asker(library, model or options.model)
            show = progress(len(questions), "asking")
            pairs = []
            for done, question in enumerate(questions, start=1):
                response = ask(question.case)
                pairs.append((question.answer, pubmedqa.decision(response.text) if response.answered else None))
                show(done)
    card = pubmedqa.yes_no_card(pairs)
    if options.json:
        print_json(card)
    else:
        say(pubmedqa.as_text(card))
    return 0


def _need_out(options: argparse.Namespace) -> None:
    if options.resume and options.out is None:
        raise InputError("--resume continues the run in a file: name it with --out FILE")


@contextmanager
def _kept(path: Path | None) -> Iterator[Path]:
    """Yield the file that the user named, or a temporary one."""
    if path is not None:
        yield path
        return
    with TemporaryDirectory(prefix="pincite-eval-") as folder:
        yield Path(folder) / "run.jsonl"


def library_of(name: str | None, library: Library) -> dict[str, Any]:
    """Return a library's entry in the header: its name without the folders above it, size and fingerprint."""
    return {
        "name": Path(name).resolve().name if name else "demo",
        "papers": len(library),
        "fingerprint": library.fingerprint,
    }


def settings_of(library: Library) -> dict[str, Any]:
    """Return the settings that answers depend on, unless they are the defaults: a run never mixes two set-ups."""
    config, usual = from_environment(), Config()
    named = ("reranker", "checker", "prompts", "papers", "temperature", "reply_tokens")
    set_here = {name: getattr(config, name) for name in named if getattr(config, name) != getattr(usual, name)}
    if "reranker" in set_here:
        set_here["reranker"] = library.reranker
    if "checker" in set_here:
        set_here["checker"] = name_of(load_checker(config.checker, config, library.embedder))
    if "prompts" in set_here:
        texts = with_own(config.prompts)
        set_here["prompts"] = {name: prompt.sha256[:12] for name, prompt in texts.items() if prompt != shipped()[name]}
    return {"settings": set_here} if set_here else {}


def _judged_by(name: str) -> dict[str, Any]:
    return {"judge": name, "judge_sha256": judge_sha256(), "judge_card": card_of(name)}


def _print(run: Run, reused: int, *, as_json: bool) -> None:
    if reused:
        kept = f"{reused} of {counted(len(run.rows), 'answer')} {'is' if reused == 1 else 'are'}"
        sys.stderr.write(f"{kept} from an earlier run (--resume), not asked again\n")
    if as_json:
        print_json(summary.document(run) | {"reused": reused})
    else:
        say(summary.table(run))
