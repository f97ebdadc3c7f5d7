"""The second question set names papers and sentences that exist, in the counts that its card gives."""

import json
from collections import Counter
from itertools import chain

import pytest
from places import ROOT, SHARED, needs_shared

from eval.__main__ import main
from eval.benchmarks import fields
from eval.benchmarks.fields import read_field
from eval.runs.run import read_run
from rag.errors import InputError
from rag.text.sentences import split_sentences
from rag.text.words import words

FOLDER = ROOT / "eval" / "data" / "fields"
FIELDS = ("pages", "biology", "clinical", "aerodynamics")
COUNTS = {
    "figure": 6, "definition": 4, "method": 5, "why": 4, "finding": 5, "comparison": 3, "synthesis": 3, "dispute": 3,
    "yes_no": 3, "list": 2, "double": 2, "typo": 2, "unanswerable": 8,
}  # fmt: skip
SEVERAL_PAPERS = {"synthesis": range(2, 5), "dispute": range(2, 6)}
COPIED = 9  # words in a row that a question may share with its evidence


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


QUESTIONS, DIALOGUES = rows("questions.jsonl"), rows("dialogues.jsonl")
EVERY = [*QUESTIONS, *DIALOGUES]


@pytest.fixture(scope="module")
def sentences() -> dict[str, dict[str, list[str]]]:
    """The numbered sentences of every paper, by field and id."""
    return {
        field: {
            paper.id: [paper.abstract[s.start : s.end] for s in split_sentences(paper.abstract)]
            for paper in read_field(field, SHARED)
        }
        for field in FIELDS
    }


def evidence(row: dict) -> list[tuple[str, int]]:
    return [(paper, number) for nugget in row["nuggets"] for paper, number in nugget["evidence"]]


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + COPIED + 1]) for i in range(len(found) - COPIED)}


def test_fifty_questions_a_field_in_the_counts_of_the_card():
    counts = Counter((row["field"], row["kind"]) for row in QUESTIONS)
    assert counts == {(field, kind): n for field in FIELDS for kind, n in COUNTS.items()}


def test_twenty_dialogues_in_three_fields_a_tenth_of_which_stand_alone():
    counts = Counter((row["field"], row["kind"]) for row in DIALOGUES)
    assert counts == {
        (field, kind): n
        for field in ("pages", "biology", "clinical")
        for kind, n in (("follow_up", 18), ("standalone", 2))
    }
    whole = [row["id"] for row in DIALOGUES if row["standalone"] == row["question"]]
    assert whole == [row["id"] for row in DIALOGUES if row["kind"] == "standalone"]
    assert {tuple(turn["role"] for turn in row["history"]) for row in DIALOGUES} == {("user", "assistant")}


def test_ids_are_used_once_and_questions_are_asked_once():
    assert [name for name, n in Counter(row["id"] for row in EVERY).items() if n > 1] == []
    assert [asked for asked, n in Counter(row["question"] for row in QUESTIONS).items() if n > 1] == []


def test_answerable_questions_have_a_vital_fact_and_unanswerable_ones_a_reason():
    for row in EVERY:
        if row["kind"] == "unanswerable":
            assert row["reason"], row["id"]
            assert not row["gold"], row["id"]
            assert not row["nuggets"], row["id"]
        else:
            assert any(nugget["vital"] for nugget in row["nuggets"]), row["id"]
            assert all(nugget["evidence"] for nugget in row["nuggets"]), row["id"]
            assert set(row["gold"]) == {paper for paper, _ in evidence(row)}, row["id"]
            assert len(row["gold"]) in SEVERAL_PAPERS.get(row["kind"], range(1, 7)), row["id"]


def test_every_library_of_a_public_set_holds_120_papers():
    libraries = json.loads((FOLDER / "libraries.json").read_text(encoding="utf-8"))
    assert {field: len(set(library["ids"])) for field, library in libraries.items()} == dict.fromkeys(FIELDS[1:], 120)


def test_a_field_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no field 'botany': choose pages, biology"):
        read_field("botany", SHARED)


@needs_shared
def test_every_paper_and_every_sentence_exists(sentences):
    libraries = json.loads((FOLDER / "libraries.json").read_text(encoding="utf-8"))
    assert {field: set(sentences[field]) for field in libraries} == {f: set(lib["ids"]) for f, lib in libraries.items()}
    lacking = []
    for row in EVERY:
        papers = sentences[row["field"]]
        answered_from = chain.from_iterable(turn.get("papers", ()) for turn in row.get("history", ()))
        lacking += [(row["id"], paper) for paper in (*row["gold"], *answered_from) if paper not in papers]
        lacking += [(row["id"], p, n) for p, n in evidence(row) if not 0 <= n < len(papers.get(p, ()))]
    assert lacking == []


@needs_shared
def test_nothing_is_copied_from_the_evidence(sentences):
    copied = []
    for row in EVERY:
        theirs = set().union(*(runs(sentences[row["field"]][paper][number]) for paper, number in evidence(row)))
        ours = [row["question"], row.get("standalone", ""), *(nugget["fact"] for nugget in row["nuggets"])]
        ours += [turn["content"] for turn in row.get("history", ())]
        copied += [(row["id"], " ".join(run)) for text in ours for run in runs(text) & theirs]
    assert copied == []


@needs_shared
def test_run_asks_each_question_on_the_library_of_its_field(tmp_path, monkeypatch, capsys):
    chosen = [next(row for row in QUESTIONS if row["field"] == field and row["gold"]) for field in FIELDS[1:3]]
    wanted = {paper for row in chosen for paper in row["gold"]}
    some = tmp_path / "questions.jsonl"
    some.write_text("".join(json.dumps(row) + "\n" for row in chosen), encoding="utf-8")
    monkeypatch.setattr(fields, "FIELDS", FIELDS[1:3])
    monkeypatch.setattr(fields, "QUESTIONS", some)
    monkeypatch.setattr(fields, "read_field", lambda *a: [p for p in read_field(*a)[:8] if p.id not in wanted]
                        + [p for p in read_field(*a) if p.id in wanted])  # fmt: skip
    out = tmp_path / "run.jsonl"
    asked = ["run", "--fields", str(SHARED), "--limit", "1", "--out", str(out), "--json"]
    assert main([*asked, "--library", str(tmp_path / "kept")]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == []
    found = read_run(out)
    assert found.header["library"]["name"] == "2 fields"
    assert found.header["word_counting"]["questions"] == 2
    assert [row.case.field for row in found.rows.values()] == ["biology", "clinical"]
    for row in found.rows.values():
        assert set(row.case.gold) & set(row.response.retrieved), row.case.question
        assert row.scores["right"].whole == 1.0
    assert main([*asked, "--questions", "own.jsonl"]) == 2
    assert "leave out --questions" in capsys.readouterr().err


def test_a_folder_without_the_papers_is_named(tmp_path, capsys):
    assert main(["run", "--fields", str(tmp_path), "--limit", "1"]) == 2
    assert str(tmp_path) in capsys.readouterr().err
