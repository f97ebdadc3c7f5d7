"""Count the questions about a library's own records that are recognised, and the look-alikes that are wrongly taken.

    python -m bench.library_questions [FILE]

`bench/library_questions.jsonl` holds twenty that ask about the authors, journals and years of the library's records
(`library`), and twenty that use the same words for something in the papers (`science`).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rag.question.library_contents import library_question
from rag.question.scope import scope
from rag.text.question_form import QuestionReading

QUESTIONS = Path(__file__).with_suffix(".jsonl")


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for kind, right, wrong in (("library", "recognised", "missed"), ("science", "wrongly taken", "")):
        asked = [row["question"] for row in rows if row["kind"] == kind]
        taken = [text for text in asked if library_question(scope(QuestionReading(text))) is not None]
        print(f"{kind}: {len(taken)} of {len(asked)} {right}")
        for text in (text for text in asked if wrong and text not in taken):
            print(f"  {wrong}: {text}")
        for text in taken if not wrong else ():
            print(f"  {right}: {text}")


if __name__ == "__main__":
    main()
