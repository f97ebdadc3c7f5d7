"""Measure how well a question in a conversation is made to stand alone, on the 60 dialogues of the second question set.

    python -m bench.follow_ups ../shared --fields biology clinical

The folder holds `seeds` and `benchmarks`; `--keep` names where the libraries stay for the next run. Recall@5 is of the
papers that answer the question as meant, term F1 compares the stems of what is searched with those of the question as
meant, "untouched" is the share of the questions that stand alone and are searched as asked. Over all fields, recall@5
has its 95% interval, and that of the difference to "previous question + question".
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.benchmarks.fields import PAGES, field_library, with_ids
from eval.estimates import Score, estimate
from rag import Library
from rag.question.interpret import understand
from rag.text.question_form import QuestionReading
from rag.text.words import term_set
from rag.types import Filters

DIALOGUES = Path("eval/data/fields/dialogues.jsonl")
DEPTH = 5
PLAIN = "previous question + question"
FIELDS = (PAGES, "biology", "clinical")

# Questions that a reader may go on with, and ones on something else altogether.
GOING_ON = (
    "Any side effects?", "At what cost?", "In children?", "How large was the sample?", "Any limitations?",
    "Is there a risk?", "Which methods were used?", "How long did the effect last?", "What were the main results?",
    "Who benefits most?", "Does age matter?", "Compared with what?",
)  # fmt: skip
ELSEWHERE = (
    "What is the best recipe for bread?", "How do I bake an apple pie?", "Who won the football match yesterday?",
    "What is the capital of Australia?", "How tall is the tallest building?", "Which laptop should I buy?",
    "How can I repair a bicycle tyre?", "What is the weather in Lisbon?", "Why is the sky blue?",
    "How much does a flight to Rome cost?", "Which films did Hitchcock direct?", "How do volcanoes erupt?",
    "What time does the shop open?", "How many moons has Jupiter?", "Which river is the longest?",
    "How do I renew my passport?", "What is the plot of Hamlet?", "Which wine goes with fish?",
    "How many strings has a violin?", "Who painted the ceiling in Rome?", "Where can I park my car?",
    "What makes rainbows colourful?", "How do I tie a knot?", "Which team scored most goals?", "How high is Everest?",
    "What rhymes with orange?", "How do I reset my password?",
)  # fmt: skip
EVERY = 4  # of the dialogues of a field is gone on with

Dialogue = Mapping[str, Any]
# What is searched for a dialogue, and within what.
Searched = tuple[str, Filters]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fields", nargs="+", choices=FIELDS, default=list(FIELDS))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--show", action="store_true", help="print what each question is understood as")
    options = parser.parse_args()
    rows = [json.loads(line) for line in DIALOGUES.read_text(encoding="utf-8").splitlines()]
    everything: dict[str, list[float]] = defaultdict(list)
    for field in options.fields:
        with field_library(field, options.folder, options.keep) as (library, ids):
            asked = [with_ids(row, ids) for row in rows if row["field"] == field]
            print(f"\n## {field}\n")
            found = measure(library, asked)
            print_table(found)
            for name, values in found.items():
                everything[name] += values["recall"]
            for name, questions in (("go on", GOING_ON), ("are on something else", ELSEWHERE)):
                print(f"\nOf {len(questions)} questions that {name}: {taken_up(library, asked, questions)}")
            if options.show:
                show(library, asked)
    print_together(everything)


def as_asked(row: Dialogue, _: Library) -> Searched:
    return row["question"], Filters()


def with_the_last(row: Dialogue, _: Library) -> Searched:
    last = [turn["content"] for turn in row["history"] if turn["role"] == "user"][-1]
    return f"{last} {row['question']}", Filters()


def as_understood(row: Dialogue, library: Library) -> Searched:
    found = understand(QuestionReading(row["question"]), row["history"], library, Filters())
    return found.searched, found.filters


def as_meant(row: Dialogue, _: Library) -> Searched:
    return row["standalone"], Filters()


SYSTEMS: Mapping[str, Callable[[Dialogue, Library], Searched]] = {
    "question alone": as_asked,
    PLAIN: with_the_last,
    "understood": as_understood,
    "question as meant": as_meant,
}


def measure(library: Library, dialogues: Sequence[Dialogue]) -> dict[str, dict[str, list[float]]]:
    """Return recall@5, term F1 and whether it was left untouched where it stands alone, by system."""
    found: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in SYSTEMS}
    for name, system in SYSTEMS.items():
        for row in dialogues:
            text, within = system(row, library)
            ids = {hit.paper_id for hit in library.find(text, DEPTH, within)}
            gold = set(row["gold"])
            found[name]["recall"].append(len(gold & ids) / min(len(gold), DEPTH))
            found[name]["f1"].append(term_f1(text, row["standalone"]))
            if row["kind"] == "standalone":
                found[name]["untouched"].append(float(text == row["question"]))
    return found


def taken_up(library: Library, dialogues: Sequence[Dialogue], questions: Sequence[str]) -> str:
    """Return how many questions are taken up with the turns before them, asked after some of the dialogues."""
    turns = [
        understand(QuestionReading(question), row["history"], library, Filters()).searched != question
        for question in questions
        for row in dialogues[::EVERY]
    ]
    return f"{sum(turns)} of {len(turns)} times taken up with the turns before"


def term_f1(found: str, meant: str) -> float:
    """Return the harmonic mean of precision and recall of the stems of one text against those of another."""
    ours, theirs = term_set(found), term_set(meant)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 1.0


def print_table(found: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    print("| searched | recall@5 | term F1 | untouched |\n|---|---|---|---|")
    for name, values in found.items():
        cells = [f"{100 * float(np.mean(values[key])):.1f}" for key in ("recall", "f1", "untouched")]
        print(f"| {name} |", " | ".join(cells), "|")


def print_together(recall: Mapping[str, Sequence[float]]) -> None:
    """Print the recall over all fields, and how far that of each system lies from the plain one's."""
    print(f"\n## All {len(recall[PLAIN])} dialogues\n")
    print(f"| searched | recall@5 | minus “{PLAIN}” |\n|---|---|---|")
    for name, found in recall.items():
        apart = [one - plain for one, plain in zip(found, recall[PLAIN], strict=True)]
        print(f"| {name} | {_interval(found)} | {_interval(apart)} |")


def _interval(values: Sequence[float]) -> str:
    found = estimate([Score(100 * value, 1.0) for value in values], is_share=False)
    return f"{found.value:.1f} [{found.low:.1f}, {found.high:.1f}]"


def show(library: Library, dialogues: Sequence[Dialogue]) -> None:
    for line in _shown(library, dialogues):
        print(line)


def _shown(library: Library, dialogues: Sequence[Dialogue]) -> Iterator[str]:
    for row in dialogues:
        found = understand(QuestionReading(row["question"]), row["history"], library, Filters())
        yield f"\n{row['question']}\n  meant:    {row['standalone']}\n  searched: {found.searched}"
        yield from (f"  note:     {note}" for note in found.notes)
        if found.nothing:
            yield f"  nothing:  {found.nothing}"


if __name__ == "__main__":
    main()
