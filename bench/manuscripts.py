"""Measure `pincite check` on 200 citing sentences of our own over public abstracts, half of them with a fault.

    python -m bench.manuscripts ../shared/benchmarks [--out FILE]

`eval/data/citing_sentences.jsonl` holds the sentences and the ids of the papers that they cite; the abstracts are those
of SciFact and PubMedQA in the folder given. Half of the sentences say what their paper says, in words of their own. A
quarter cites the wrong paper, the nearest in words; a quarter has one subtle fault: figures, roles or groups exchanged,
a direction or denial turned, a hedge dropped. Prints a table in Markdown. None of it is held out: the limit below which
a sentence is said not to be in the abstract was chosen with all 200 in view.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rag.manuscript.checking import outcome_of
from rag.manuscript.findings import Outcome
from rag.types import Support, Verdict
from rag.verify import default_checker

SENTENCES = Path("eval/data/citing_sentences.jsonl")
ALARMS = (Outcome.CONTRADICTED, Outcome.NOT_IN_ABSTRACT)
OPEN = (Outcome.PARTLY, Outcome.UNKNOWN)
GROUPS = {"right": "right", "wrong paper": "paper", "subtle fault": "fault"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("--out", type=Path, help="write each sentence with its verdict to this file")
    options = parser.parse_args()
    judged = judge(read_lines(SENTENCES), options)
    print_table(judged)


def judge(sentences: Sequence[Mapping[str, object]], options: argparse.Namespace) -> list[dict[str, object]]:
    """Return each sentence with its verdict, written to a file one by one as they come."""
    papers, checker, judged = read_papers(options.benchmarks), default_checker(), []
    for sentence in sentences:
        found = checker.check(str(sentence["sentence"]), papers[str(sentence["paper"])])
        judged.append({**sentence, "score": found.score, "verdict": found.verdict.value, "why": found.why})
        if options.out:
            options.out.write_text("".join(json.dumps(one) + "\n" for one in judged), encoding="utf-8")
    return judged


def read_papers(folder: Path) -> dict[str, tuple[str, str]]:
    """Return title and abstract of every paper; PubMedQA's titles are questions."""
    papers: dict[str, tuple[str, str]] = {}
    for paper in read_lines(folder / "scifact/corpus.jsonl"):
        papers[f"scifact:{paper['_id']}"] = (str(paper["title"]), str(paper["text"]))
    for paper in read_lines(folder / "pubmedqa/dev.jsonl"):
        papers[f"pubmedqa:{paper['id']}"] = (str(paper["question"]), str(paper["abstract"]))
    return papers


def read_lines(file: Path) -> list[dict[str, object]]:
    # Not `splitlines`: abstracts hold line separators that end no line of JSON.
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def group_of(one: Mapping[str, object]) -> str:
    return "right" if one["right"] else "paper" if one["fault"] == "paper" else "fault"


def print_table(judged: Sequence[Mapping[str, object]]) -> None:
    print("| sentences |", " | ".join(outcome.words for outcome in Outcome), "|")
    for title, group in GROUPS.items():
        found = Counter(_outcome(one) for one in judged if group_of(one) == group)
        print(f"| {title} ({found.total()}) |", " | ".join(str(found[outcome]) for outcome in Outcome), "|")
    right, wrong = ([one for one in judged if bool(one["right"]) is side] for side in (True, False))
    print(f"AUROC {auroc([float(str(o['score'])) for o in right], [float(str(o['score'])) for o in wrong]):.3f}")
    print(f"undecided {_share(judged, OPEN):.1%}, of the right ones {_share(right, OPEN):.1%}")
    print(f"false alarms {_share(right, ALARMS):.1%}; alarms at faulty ones {_share(wrong, ALARMS):.1%}")
    print(f"faulty ones called supported {_share(wrong, (Outcome.SUPPORTED,)):.1%}")


def auroc(higher: Sequence[float], lower: Sequence[float]) -> float:
    """Return how often one of the first scores above one of the second; ties count half."""
    wins = sum((a > b) + 0.5 * (a == b) for a in higher for b in lower)
    return wins / (len(higher) * len(lower))


def _outcome(one: Mapping[str, object]) -> Outcome:
    return outcome_of(Support(float(str(one["score"])), Verdict(str(one["verdict"]))))


def _share(items: Sequence[Mapping[str, object]], outcomes: Sequence[Outcome]) -> float:
    return sum(_outcome(one) in outcomes for one in items) / len(items)


if __name__ == "__main__":
    main()
