"""A run: every question answered and scored, one JSON line each, under a header that records how it was made.

A run replaces an older one of the same name only once it is complete. An interrupted run continues where it stopped,
and failed answers are asked again, but only when asked to: yesterday's answers say nothing about today's system.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from eval.answers.file_format import from_record, to_record
from eval.answers.responses import Response
from eval.estimates import Score
from eval.json_lines import dump_line, read_lines
from eval.judges.judged import Judge, Judged, JudgedClaim, judge_response
from eval.judges.nuggets import NuggetsFound
from eval.metrics import scores_of
from eval.questions import Case, parse_case
from eval.runs import baselines
from rag import prompts
from rag.errors import InputError, SourceError
from rag.serialization import to_json

FORMAT = 2
CODE = (Path(prompts.__file__).parent, Path(__file__).parents[1])


@dataclass(frozen=True, slots=True)
class Row:
    """One question of a run file: the case, what was answered, the score of each metric, the judged sentences.

    `baselines` has the scores that answers without any understanding get on this question, `absent` the gold papers of
    the run that its library doesn't hold.
    """

    case: Case
    response: Response
    scores: Mapping[str, Score]
    judged: Sequence[Mapping[str, Any]]
    nuggets: NuggetsFound | None = None
    baselines: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    @property
    def item(self) -> Judged:
        """The question with its answer and its nuggets, as the metrics of usefulness and declining see it."""
        return Judged(self.case, self.response, (), self.nuggets)


@dataclass(frozen=True, slots=True)
class Run:
    """A run file. `header` records how it was made; `rows` are by question id, in the order of the question set."""

    header: Mapping[str, Any]
    rows: Mapping[str, Row]


def header_of(questions: Path, split: str, cases: Sequence[Case], **made_by: Any) -> dict[str, Any]:
    """Return the header of a run: questions, code and versions, and what `made_by` adds (model, library, judge)."""
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "questions": {"file": questions.name, "sha256": sha256_of(questions), "split": split, "count": len(cases)},
        **made_by,
        "code_sha256": code_sha256(),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in ("chromadb", "numpy", "onnxruntime", "PyStemmer")},
    }


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def code_sha256() -> str:
    """Fingerprint the code and the prompts that answer and score."""
    files = sorted({file for folder in CODE for file in folder.rglob("*.py")} | {*prompts.FOLDER.glob("*.md")})
    parts = (f"{file.relative_to(CODE[0].parent)}\0".encode() + file.read_bytes() for file in files)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def execute(
    cases: Sequence[Case],
    ask: Callable[[Case], Response],
    judge: Judge,
    header: Mapping[str, Any],
    path: Path,
    *,
    jobs: int = 1,
    resume: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Answer and score the cases, `jobs` at a time, writing each as it is done; return how many answers were reused.

    With `resume`, answers that an earlier run of the same set-up left are kept; else every case is asked. Raises
    `InputError` where there is something to resume of another set-up: a run is never mixed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = unfinished_of(path)
    done = _kept(unfinished if unfinished.exists() else path, header) if resume else {}
    left = [case for case in cases if case.id not in done]
    progress(len(done))
    begun = unfinished.with_name(unfinished.name + ".new")
    begun.write_text("".join([dump_line({"header": header}), *map(dump_line, done.values())]), encoding="utf-8")
    begun.replace(unfinished)
    with unfinished.open("a", encoding="utf-8") as file:
        for count, (case, response) in enumerate(answers_to(left, ask, jobs), start=len(done) + 1):
            row = row_of(judge_response(case, response, judge), baselines.scores(case, response, judge))
            file.write(dump_line(line_of(row)))
            file.flush()
            progress(count)
    unfinished.replace(path)
    return len(done)


def unfinished_of(path: Path) -> Path:
    """Return the file that a run is written to until it is complete."""
    return path.with_name(path.name + ".unfinished")


def answers_to(
    cases: Sequence[Case], ask: Callable[[Case], Response], jobs: int = 1
) -> Iterator[tuple[Case, Response]]:
    """Yield each case with its answer as it is done. A fault stops the rest: questions not yet started aren't asked."""
    if jobs == 1:
        yield from ((case, ask(case)) for case in cases)
        return
    with ThreadPoolExecutor(jobs) as pool:
        asked = {pool.submit(ask, case): case for case in cases}
        try:
            for future in as_completed(asked):
                yield asked[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _kept(path: Path, header: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the lines of a run, by question, whose answers need not be asked for again."""
    if not path.exists() or not path.stat().st_size:
        return {}
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = [json.loads(line) for line in lines if line.endswith("\n")]  # a run killed while writing leaves half a line
    found = whole[0].get("header") if whole else None
    if found is None or _setting(found) != _setting(header):
        differs = sorted(
            k for k in {*(found or {}), *header} if k != "made_at" and (found or {}).get(k) != header.get(k)
        )
        raise InputError(
            f"{path}: holds a run with a different set-up ({', '.join(differs)}): leave out --resume to start again"
        )
    return {row["id"]: row for row in whole[1:] if not row.get("error")}


def _setting(header: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be the same for a run to be resumed."""
    return {name: value for name, value in json.loads(json.dumps(header)).items() if name != "made_at"}


def row_of(item: Judged, by_baselines: Mapping[str, Mapping[str, Score]] | None = None) -> Row:
    """Return a judged question with the score of each metric."""
    judged = [_judged(claim) for claim in item.claims]
    return Row(item.case, item.response, scores_of(item), judged, item.nuggets, by_baselines or {})


def line_of(row: Row) -> dict[str, Any]:
    """Return the line of a run file: the answers file's line, and with the case, the scores and the judgement."""
    return to_record(row.response) | {
        "case": asdict(row.case),
        "scores": _plain(row.scores),
        "judged": list(row.judged),
        "nuggets": asdict(row.nuggets) if row.nuggets else None,
        "baselines": {name: _plain(scores) for name, scores in row.baselines.items()},
    }


def write_run(run: Run, path: Path) -> None:
    """Write a run that is complete, in place of an older one of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [dump_line({"header": dict(run.header)}), *(dump_line(line_of(row)) for row in run.rows.values())]
    unfinished = unfinished_of(path)
    unfinished.write_text("".join(lines), encoding="utf-8")
    unfinished.replace(path)


def _plain(scores: Mapping[str, Score]) -> dict[str, list[float]]:
    return {name: [s.part, s.whole, s.unscored] for name, s in scores.items() if s.whole or s.unscored}


def _judged(claim: JudgedClaim) -> dict[str, Any]:
    kept = [name for name in JudgedClaim.__slots__ if name not in ("claim", "parts")]
    plain = {name: to_json(getattr(claim, name)) for name in kept}
    parts = {"parts": [_judged(part) for part in claim.parts]} if claim.parts else {}
    return {"text": claim.claim.text, "marks": list(claim.claim.marks)} | plain | parts


def read_run(path: str | Path) -> Run:
    """Read a run file. Raises `SourceError` if it isn't one, or a line is broken."""
    header: Mapping[str, Any] | None = None
    rows: dict[str, Row] = {}
    for number, line in read_lines(path):
        if header is None:
            header = line.get("header")
            if not isinstance(header, Mapping) or header.get("format") != FORMAT:
                raise SourceError(
                    path, "not a run of this version: make one with `eval run`, or `eval score --out`", number
                )
            continue
        try:
            rows[line["id"]] = _row(line, frozenset(header.get("absent", ())))
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(path, f"a broken line of a run ({error!r}): make the run again", number) from error
    if header is None:
        raise SourceError(path, "an empty file: make a run with `eval run --out`")
    return Run(header, rows)


def _row(line: Mapping[str, Any], absent: frozenset[str]) -> Row:
    found = line["nuggets"]
    nuggets = NuggetsFound(tuple(found["degrees"]), tuple(found["answering"]), found["read"]) if found else None
    scored = {name: _scores(scores) for name, scores in line["baselines"].items()}
    case, response = parse_case(line["case"]), from_record(line)
    return Row(case, response, _scores(line["scores"]), line["judged"], nuggets, scored, absent)


def _scores(plain: Mapping[str, Sequence[Any]]) -> dict[str, Score]:
    return {name: Score(*values) for name, values in plain.items()}
