"""The decision to decline, fitted to a library: kept there, named in receipts, ignored once it doesn't fit."""

import json
import shutil
from dataclasses import replace

import pytest

from rag import Library, answer
from rag.errors import InputError
from rag.question.answerability import Found, assess
from rag.question.calibration import Calibration, fitted_shift, from_text
from rag.text.question_form import QuestionReading

FOUND = Calibration(
    shift=-0.5, questions=40, papers=100, declined=30, wrongly=2, declined_before=20, wrongly_before=1,
    made_at="2026-01-02T03:04:05+00:00", basis="b",
)  # fmt: skip


def test_a_library_whose_papers_are_alike_is_asked_more_strictly():
    clear = [3.0, 4.0, 5.0] * 10
    assert fitted_shift(clear, [1.0, 2.0, 0.0] * 10) < -0.5
    assert fitted_shift(clear, [-6.0, -7.0, -8.0] * 10) > 0.2
    assert abs(fitted_shift([], [])) < 1e-9


def test_a_calibration_is_read_back_as_it_was_kept():
    assert from_text(FOUND.to_text(), 110, "b") == FOUND


@pytest.mark.parametrize(
    ("text", "papers", "basis"),
    [
        (FOUND.to_text(), 130, "b"),
        (FOUND.to_text(), 70, "b"),
        (FOUND.to_text(), 100, "another reader"),
        (FOUND.to_text().replace('"format": 1', '"format": 2'), 100, "b"),
        (replace(FOUND, shift=50.0).to_text(), 100, "b"),
        ("{}", 100, "b"),
        ("[1]", 100, "b"),
        ("not JSON", 100, "b"),
    ],
)
def test_one_that_does_not_fit_any_more_is_ignored(text, papers, basis):
    assert from_text(text, papers, basis) is None


@pytest.fixture
def library(demo_library, embedder, tmp_path):
    shutil.copytree(demo_library.folder, tmp_path / "library")
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        yield library


def test_a_library_keeps_its_calibration_and_receipts_name_it(library):
    question = "What is emergent misalignment?"
    assert answer(question, library).receipt.calibration is None
    seen = []
    found = library.calibrate(10, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (10, 10)
    assert library.calibration == found
    with Library.open(library.folder, embedder=library.embedder) as again:
        assert answer(question, again).receipt.calibration == found.name
    library.uncalibrate()
    assert library.calibration is None


def test_the_shift_moves_what_is_declined(library):
    question = "What is emergent misalignment?"
    hits = library.search(question, 3)
    evidence = [replace(item, answers=0.9, read=0.9) for item in library.gather(question, hits)]
    found = Found(QuestionReading(question), hits, evidence)
    assert assess(found) is None
    assert assess(found, shift=-30.0) is not None


def test_too_few_papers_or_questions_are_refused(library, embedder, tmp_path, write_jsonl):
    with pytest.raises(InputError, match="give a number from 10 to 500"):
        library.calibrate(3)
    with Library.open(tmp_path / "small", embedder=embedder) as small:
        small.add(write_jsonl("one.jsonl", [{"title": "Otters", "abstract": "Otters swim. They eat fish at night."}]))
        with pytest.raises(InputError, match="add more papers"):
            small.calibrate()


def test_the_command_fits_and_undoes(library, capsys):
    import rag.__main__ as pincite

    assert pincite.main(["calibrate", "--questions", "10", "--json", "--library", str(library.folder)]) == 0
    assert json.loads(capsys.readouterr().out)["calibration"]["questions"] == 10
    assert library.calibration is not None
    assert pincite.main(["calibrate", "--undo", "--library", str(library.folder)]) == 0
    assert library.calibration is None
