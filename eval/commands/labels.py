"""The command label: your own verdicts on sentences of a run, here or on a page, and the numbers they give."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.commands.answers import positive
from eval.json_lines import dump_line
from eval.runs import corrected, label_page
from eval.runs.corrected import CitedSentence, labels_of, to_label
from eval.runs.run import read_run
from rag.commands.output import print_json, say
from rag.errors import InputError

KEYS = {"s": "supported", "n": "not_supported", "c": "contradicted"}
ASKED = "[s]upported, [n]ot supported, [c]ontradicted, Enter to pass over, [q]uit: "


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    label = commands.add_parser("label", help="label sentences of a run yourself: it corrects the judge")
    label.add_argument("runs", metavar="RUN.jsonl", type=Path, help="a run, as `eval run --out` writes it")
    label.add_argument("--count", type=positive, default=40, metavar="N", help="how many sentences (default: 40)")
    label.add_argument("--labels", type=Path, metavar="FILE", help="default: next to the run, ending in .labels.jsonl")
    label.add_argument(
        "--page", type=Path, metavar="FILE", help="ask on an HTML page that works offline; write it here"
    )
    label.add_argument("--json", action="store_true", help="ask nothing; print what the labels say as JSON")
    label.set_defaults(run=run_label)


def run_label(options: argparse.Namespace) -> int:
    """Ask for verdicts, keep each at once, print the corrected share; or write the page that asks."""
    run = read_run(options.runs)
    path = options.labels or options.runs.with_suffix(".labels.jsonl")
    if options.page:
        return _write_page(options, to_label(run, options.count), path)
    if options.labels and not options.labels.exists() and options.json:
        raise InputError(f"{options.labels}: not there: name the file that the page saved")
    if not options.json:
        done = labels_of(path)
        left = [sentence for sentence in to_label(run, options.count) if sentence.id not in done]
        with path.open("a", encoding="utf-8") as file:
            for sentence, label in _asked(left):
                line = {"id": sentence.id, "source_text": sentence.evidence, "claim": sentence.text, "label": label}
                file.write(dump_line(line))
                file.flush()
    given = labels_of(path)
    found = corrected.document(run, {name: label == "supported" for name, label in given.items()})
    if options.json:
        print_json(found | {"labels_file": str(path)})
    else:
        say("\n".join(corrected.lines(found) or ["no sentence of this run cites anything"]))
    return 0


def _write_page(options: argparse.Namespace, sentences: list[CitedSentence], path: Path) -> int:
    """Write the page, with the labels given before, and say where it is."""
    if not sentences:
        raise InputError(
            f"{options.runs}: every sentence that cites stands word for word in its passage: no label needed"
        )
    options.page.parent.mkdir(parents=True, exist_ok=True)
    text = label_page.page(options.runs.name, sentences, labels_of(path), path.name)
    options.page.write_text(text, encoding="utf-8")
    if options.json:
        print_json({"page": str(options.page), "sentences": len(sentences)})
    else:
        say(str(options.page))
    return 0


def _asked(sentences: list[CitedSentence]) -> Iterator[tuple[CitedSentence, str]]:
    """Yield the labels given. The judge's verdict isn't shown: it would influence the person who labels."""
    for place, sentence in enumerate(sentences, start=1):
        say(f"\n{place} of {len(sentences)}\n{sentence.evidence}\n\n  → {sentence.text}\n")
        label = _key()
        if label == "q":
            return
        if label:
            yield sentence, KEYS[label]


def _key() -> str:
    """Return the key of a label, "q" at the end of the input, or nothing to pass a sentence over."""
    while True:
        sys.stdout.write(ASKED)
        sys.stdout.flush()
        line = sys.stdin.readline()
        key = line.strip().casefold()[:1] if line else "q"
        if key in ("", "q", *KEYS):
            return key
