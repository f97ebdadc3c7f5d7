"""What was written for training: every item names real sentences, copies none of them, and gives nothing away."""

import json
import re

import pytest
from places import SHARED

from rag.question.paper_part import WEIGHTS
from training.paper_parts import known_forms
from training.split import put_aside
from training.written import HERE, read_abstracts, read_claims, read_findings, read_own, read_questions

CLAIMS = sorted((HERE / "claims").glob("*.txt"))
QUESTIONS = sorted((HERE / "questions").glob("*.txt"))
FINDINGS = sorted((HERE / "findings").glob("*.txt"))
LONGEST_COPY = 9  # words in a row that a claim may share with its abstract


@pytest.fixture(scope="module")
def abstracts():
    return read_abstracts(SHARED)


@pytest.mark.parametrize("file", CLAIMS, ids=lambda file: file.stem)
def test_every_claim_names_sentences_that_are_there(file, abstracts):
    for claim in read_claims(file):
        assert all(number < len(abstracts[claim.abstract].sentences) for number in claim.sentences), claim


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_every_question_names_sentences_that_are_there(file, abstracts):
    for question in read_questions(file):
        named = [*question.answers, *question.partly, *question.shares]
        assert all(number < len(abstracts[question.abstract].sentences) for number in named), question
        assert bool(question.answers or question.partly) != (question.kind == "cannot"), question


@pytest.mark.parametrize("file", FINDINGS, ids=lambda file: file.stem)
def test_every_finding_stands_to_a_sentence_that_is_there_and_copies_none(file, abstracts):
    for finding in read_findings(file):
        sentences = abstracts[finding.abstract].sentences
        assert finding.sentence < len(sentences), finding
        if not finding.abstract.startswith("own:"):
            assert not runs(" ".join(sentences), LONGEST_COPY + 1) & runs(finding.text, LONGEST_COPY + 1), finding


def test_the_findings_that_measure_are_of_abstracts_that_train_nothing():
    assert all(put_aside(finding.abstract) for finding in read_findings(HERE / "findings" / "aside.txt"))


@pytest.mark.parametrize("file", CLAIMS, ids=lambda file: file.stem)
def test_no_claim_copies_an_abstract_of_others(file, abstracts):
    for claim in (claim for claim in read_claims(file) if not claim.abstract.startswith("own:")):
        held = runs(" ".join(abstracts[claim.abstract].sentences), LONGEST_COPY + 1)
        assert not held & runs(claim.text, LONGEST_COPY + 1), claim


@pytest.mark.parametrize("file", CLAIMS, ids=lambda file: file.stem)
def test_right_and_false_claims_are_as_many_and_as_long(file):
    lengths = {True: [], False: []}
    for claim in read_claims(file):
        lengths[claim.supported].append(len(claim.text.split()))
    right, false = lengths[True], lengths[False]
    assert 0.75 < len(right) / len(false) < 1.3
    assert 0.8 < (sum(right) / len(right)) / (sum(false) / len(false)) < 1.25


def test_no_claim_is_written_twice():
    claims = [(claim.abstract, claim.text) for file in CLAIMS for claim in read_claims(file)]
    assert len(set(claims)) == len(claims)


def test_no_abstract_that_measures_is_trained_on():
    measured = {c.abstract for file in CLAIMS if "heldout" in file.stem for c in read_claims(file)}
    trained = {c.abstract for file in CLAIMS if "heldout" not in file.stem for c in read_claims(file)}
    assert measured
    assert not measured & trained


def test_no_abstract_of_ours_stands_in_two_files_or_in_pieces():
    ours = [abstract for file in sorted((HERE / "abstracts").glob("*.txt")) for abstract in read_own(file)]
    assert len({abstract.id for abstract in ours}) == len(ours) > 700
    assert all(abstract.title and len(abstract.sentences) > 3 for abstract in ours)


def test_a_sentence_of_ours_out_of_order_is_named(tmp_path):
    file = tmp_path / "abstracts.txt"
    file.write_text("# own:a-1\n= Owls\n0: Owls hunt.\n2: They eat.\n")
    with pytest.raises(ValueError, match=r"abstracts\.txt:4: '2: They eat\.' is neither the title nor the next"):
        read_own(file)


def test_a_line_that_is_not_a_claim_is_named(tmp_path):
    file = tmp_path / "claims.txt"
    file.write_text("# scifact:1\n0 T paraphrase | Fine.\n0 X | What is this?\n")
    with pytest.raises(ValueError, match=r"claims\.txt:3: '0 X | What is this\?' isn't a claim"):
        read_claims(file)


def test_a_line_that_is_not_a_finding_is_named(tmp_path):
    file = tmp_path / "findings.txt"
    file.write_text("# scifact:1\n0 agree | Fine.\n0 perhaps | What is this?\n")
    with pytest.raises(ValueError, match=r"findings\.txt:3: '0 perhaps | What is this\?' isn't a finding"):
        read_findings(file)


def runs(text, length):
    words = re.findall(r"[\w'-]+", text.lower())
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def test_the_shipped_recogniser_of_parts_is_fitted_to_the_phrasings_that_stand_here():
    assert json.loads(WEIGHTS.read_text(encoding="utf-8"))["forms"] == known_forms()
