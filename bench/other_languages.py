"""Answers in another language, checked by an English line beside each sentence, or written in English and translated.

    python -m bench.other_languages ../shared

`bench/other_languages.jsonl` holds 21 replies in German, Spanish and French over our own abstracts (`training`)
that no reader is trained on. They were written by hand, before anything was run on them: each sentence as a model would
write it (`text`) with its line in English (`line`), and the same statement written in English (`draft`) and translated
(`translated`). `fault` says what is wrong: "content", the statement itself, in all four; "crossing", only the sentence
that the reader sees, since the line or the translation says something else.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.what_becomes import sentences
from eval.estimates import wilson
from eval.json_lines import read_lines
from rag.pipeline.english_lines import checked
from rag.types import Draft, Verdict
from rag.verify import BoundedChecker, default_checker
from training.written import Abstract, read_abstracts

REPLIES = Path(__file__).with_suffix(".jsonl")
# Of each way: the sentence that is shown, and the English that is checked.
WAYS = {"a line in English beside each": ("text", "line"), "written in English, translated": ("translated", "draft")}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to a sentence: whether it was supported as shown, or else marked or dropped."""

    fault: str
    supported: bool
    dropped: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--show", action="store_true", help="print each sentence that came out otherwise than meant")
    options = parser.parse_args()
    replies = [reply for _, reply in read_lines(REPLIES)]
    abstracts = read_abstracts(options.shared)
    for way, (shown, english) in WAYS.items():
        found = list(outcomes(replies, abstracts, shown, english, show=options.show))
        print(f"\n{way}")
        right = [one for one in found if not one.fault]
        print(f"  right, supported      {_share(sum(one.supported for one in right), len(right))}")
        print(f"  right, dropped        {_share(sum(one.dropped for one in right), len(right))}")
        for fault in ("content", "crossing"):
            group = [one for one in found if one.fault == fault]
            print(f"  {fault + ', caught':21s} {_share(sum(not one.supported for one in group), len(group))}")
        written = sum(len(one[shown]) + len(one[english]) for reply in replies for one in reply["sentences"])
        print(f"  characters that the model writes: {written}")


def outcomes(
    replies: Sequence[Mapping[str, Any]], abstracts: Mapping[str, Abstract], shown: str, english: str, *, show: bool
) -> Iterator[Outcome]:
    """Check each sentence of the replies as an answer would."""
    checker = BoundedChecker(default_checker())
    for reply in replies:
        evidence = list(sentences(reply["abstract"], abstracts[reply["abstract"]]))
        for one in reply["sentences"]:
            draft = Draft(one[shown], tuple(place + 1 for place in one["cites"]), english=one[english])
            sentence, issues = checked(draft, evidence, checker, {})
            outcome = Outcome(
                one["fault"], sentence is not None and sentence.verdict is Verdict.SUPPORTED, sentence is None
            )
            if show and outcome.supported == bool(outcome.fault):
                print(f"\n{reply['id']} [{one['fault'] or 'right'}] {one[english]}")
                print("  " + "; ".join(issue.message for issue in issues))
            yield outcome


def _share(part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    return f"{part}/{whole} = {part / whole:.2f} [{low:.2f}, {high:.2f}]"


if __name__ == "__main__":
    main()
