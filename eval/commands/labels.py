"""The command label: your own verdicts on a run, here or on a page, and the numbers they give."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from eval.commands.answers import positive
from eval.json_lines import dump_line
from eval.judges.nuggets import FULL, NONE, PARTIAL
from eval.runs import corrected, label_page
from eval.runs.labels import (
    CitedSentence,
    StatedFacts,
    answers_to_label,
    fact_labels,
    facts_file,
    sentences_to_label,
    support_file,
    support_labels,
)
from eval.runs.run import Run, read_run
from rag.commands.output import print_json, say
from rag.errors import InputError

SUPPORT = {"s": "supported", "n": "not_supported", "c": "contradicted"}
SUPPORT_ASKED = "[s]upported, [n]ot supported, [c]ontradicted, Enter to pass over, [q]uit: "
DEGREES = {"f": FULL, "p": PARTIAL, "n": NONE}
DEGREES_ASKED = "stated [f]ully, in [p]art, [n]ot at all, Enter to pass the answer over, [q]uit: "
ANSWERING = {"y": True, "n": False}
ANSWERING_ASKED = "does it answer the question, at least in part? [y]es, [n]o, Enter to pass the answer over, [q]uit: "
QUIT = "q"
NO_FACTS = "no answer of this run has facts that a judge had to find: no label needed"
NO_SENTENCES = (
    "every sentence that cites is word for word in its passage: no label needed (--facts asks which facts are stated)"
)
# What people are asked about.
_Asked = TypeVar("_Asked", CitedSentence, StatedFacts)


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    label = commands.add_parser("label", help="label sentences or answers of a run yourself: it corrects the judge")
    label.add_argument("runs", metavar="RUN.jsonl", type=Path, help="a run, as `eval run --out` writes it")
    label.add_argument(
        "--facts",
        action="store_true",
        help="label which facts answers state and which of their sentences answer, instead of support",
    )
    label.add_argument("--count", type=positive, default=40, metavar="N", help="how many to label (default: 40)")
    label.add_argument(
        "--labels", type=Path, metavar="FILE", help="default: next to the run, ending in .labels.jsonl or .facts.jsonl"
    )
    label.add_argument(
        "--page", type=Path, metavar="FILE", help="ask on an HTML page that works offline; write it here"
    )
    label.add_argument("--json", action="store_true", help="ask nothing; print what the labels say as JSON")
    label.set_defaults(run=run_label)


@dataclass(frozen=True, slots=True)
class _Files:
    """Where the labels of a run are: those of its sentences, those of its answers; `asked` is the one in question."""

    support: Path
    facts: Path
    asked: Path


def run_label(options: argparse.Namespace) -> int:
    """Ask for verdicts, keep each at once, print the corrected numbers; or write the page that asks."""
    run, files = read_run(options.runs), _files(options)
    if options.page:
        return _write_page(options, run, files)
    if options.labels and not options.labels.exists() and options.json:
        raise InputError(f"{options.labels}: not there: name the file that the page saved")
    if not options.json:
        with files.asked.open("a", encoding="utf-8") as file:
            for line in _asked(options, run, files):
                file.write(dump_line(line))
                file.flush()
    found = corrected.document(run, support_labels(files.support), fact_labels(files.facts, run))
    if options.json:
        print_json(found | {"labels_file": str(files.asked)})
    else:
        say("\n".join(corrected.lines(found) or ["no sentence of this run cites anything"]))
    return 0


def _files(options: argparse.Namespace) -> _Files:
    support, facts = support_file(options.runs), facts_file(options.runs)
    asked = options.labels or (facts if options.facts else support)
    return _Files(support, asked, asked) if options.facts else _Files(asked, facts, asked)


def _write_page(options: argparse.Namespace, run: Run, files: _Files) -> int:
    """Write the page, with the labels given before, and say where it is."""
    name, file = options.runs.name, files.asked.name
    if options.facts:
        answers = answers_to_label(run, options.count)
        count, fault = len(answers), NO_FACTS
        text = label_page.of_facts(name, answers, fact_labels(files.facts, run), file)
    else:
        sentences = sentences_to_label(run, options.count)
        count, fault = len(sentences), NO_SENTENCES
        text = label_page.of_support(name, sentences, support_labels(files.support), file)
    if not count:
        raise InputError(f"{options.runs}: {fault}")
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(text, encoding="utf-8")
    if options.json:
        print_json({"page": str(options.page), "answers" if options.facts else "sentences": count})
    else:
        say(str(options.page))
    return 0


def _asked(options: argparse.Namespace, run: Run, files: _Files) -> Iterator[dict[str, Any]]:
    """Yield the labels given, as lines of their file. No verdict of the judge is shown: it would lead who labels."""
    if options.facts:
        labelled, answers = fact_labels(files.facts, run), answers_to_label(run, options.count)
        yield from _facts(_unlabelled(answers, labelled, options.count, NO_FACTS))
    else:
        done, sentences = support_labels(files.support), sentences_to_label(run, options.count)
        yield from _support(_unlabelled(sentences, done, options.count, NO_SENTENCES))


def _unlabelled(found: Sequence[_Asked], labelled: Collection[str], count: int, none: str) -> list[_Asked]:
    """Return what has no label yet, and say so where nothing is left to ask."""
    left = [one for one in found if one.id not in labelled]
    if not left:
        more = "a larger --count asks for more" if len(found) == count else "the run has no more"
        say(f"all {len(found)} are labelled: {more}" if found else none)
    return left


def _support(sentences: Sequence[CitedSentence]) -> Iterator[dict[str, Any]]:
    for place, sentence in enumerate(sentences, start=1):
        say(f"\n{place} of {len(sentences)}\n{sentence.evidence}\n\n  → {sentence.text}\n")
        key = _key(SUPPORT_ASKED, SUPPORT)
        if key == QUIT:
            return
        if key:
            yield {"id": sentence.id, "source_text": sentence.evidence, "claim": sentence.text, "label": SUPPORT[key]}


def _facts(answers: Sequence[StatedFacts]) -> Iterator[dict[str, Any]]:
    for place, answer in enumerate(answers, start=1):
        say(f"\n{place} of {len(answers)}\n{answer.question}\n\n" + "\n".join(f"  {s}" for s in answer.sentences))
        facts = [f"\n  fact ({'vital' if fact.vital else 'okay'}): {fact.fact}\n" for fact in answer.facts]
        degrees = _keys(facts, DEGREES_ASKED, DEGREES)
        if degrees == QUIT:
            return
        answering = degrees and _keys([f"\n  → {s}\n" for s in answer.sentences], ANSWERING_ASKED, ANSWERING)
        if answering == QUIT:
            return
        if degrees and answering:
            yield {
                "id": answer.id,
                "degrees": [DEGREES[key] for key in degrees],
                "answering": [ANSWERING[key] for key in answering],
            }


def _keys(texts: Sequence[str], asked: str, keys: Mapping[str, object]) -> str:
    """Return a key for each text; QUIT alone where one was that, nothing where one was passed over."""
    given = ""
    for text in texts:
        say(text)
        key = _key(asked, keys)
        if key in (QUIT, ""):
            return key
        given += key
    return given


def _key(asked: str, keys: Mapping[str, object]) -> str:
    """Return the key of a label, QUIT at the end of the input and at Ctrl-C too, or nothing to pass it over."""
    while True:
        sys.stdout.write(asked)
        sys.stdout.flush()
        line = _line()
        key = line.strip().casefold()[:1] if line else QUIT
        if key in ("", QUIT, *keys):
            return key


def _line() -> str:
    """Return a line of the input; "", and a line on the screen that ends the question, where there is none."""
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        say("")
    return line
