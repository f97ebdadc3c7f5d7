"""Search the library for every question of a set, and keep the evidence for `bench/train_declining.py`.

    python bench/gather_evidence.py eval/data gathered.pickle

Each answerable question of one gold paper is asked a second time without that paper: it must be declined then.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
from pathlib import Path

from rag import Library
from rag.arguments import parse_filters
from rag.question.follow_up import stand_alone

PAPERS = 5
UNANSWERABLE = {"gold_removed", "absent", "full_text", "off_field"}
ASKED_TWICE = {"figure", "finding", "method", "definition", "paraphrase"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    questions = []
    for name in ("questions.jsonl", "../../bench/declining_questions.jsonl"):
        lines = (options.data / name).read_text(encoding="utf-8").splitlines()
        questions += [json.loads(line) for line in lines]
    jobs = [(q["id"], q["kind"], q, q.get("remove", []), q["kind"] not in UNANSWERABLE) for q in questions]
    jobs += [(q["id"], "without_gold", q, q["gold"], False) for q in questions if q["kind"] in ASKED_TWICE]
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "library")
        library.add(options.data / "library.jsonl")
        rows = []
        for name, kind, question, removed, answerable in jobs:
            asked = question["question"]
            if question.get("history"):
                asked = stand_alone(asked, question["history"])
            filters = parse_filters({"exclude": list(removed)} if removed else {})
            hits = library.find(asked, PAPERS, filters)
            rows.append((name, kind, question["split"], asked, answerable, library.gather(asked, hits), hits))
    options.out.write_bytes(pickle.dumps(rows))


if __name__ == "__main__":
    main()
