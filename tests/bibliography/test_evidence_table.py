"""The evidence of an answer as a table: what stands in a cell stands in the abstract, and nothing is guessed."""

import csv
import io
from dataclasses import replace

from rag.bibliography.evidence_table import COLUMNS, agreement_line, evidence_table, table_csv
from rag.types import (
    MAY_ANSWER,
    Agreement,
    Answer,
    Citation,
    Considered,
    Paper,
    Role,
    Section,
    Sentence,
    Status,
    Verdict,
)

TRIAL = "Shade helps bees. We surveyed 12 gardens (n = 1,204 bees, n=8 hives). Bees foraged more in shade."
ONE = Paper("p", "Shade", TRIAL, year=2020, authors=("Fell, Ada", "Ng, Bo"))
TWO = Paper("q", "=HYPERLINK(1)", "Setting: Ten farms. Results: Trees had no effect on bees.", year=None,
            sections=(Section("Setting", 9, 19), Section("Results", 29, 57)))  # fmt: skip
THREE = Paper("r", "Wasps", "Wasps like 40 kinds of jam.", year=1999)


def pin(paper, quote, number, verdict=Verdict.SUPPORTED, role=Role.RESULT):
    start = paper.abstract.index(quote)
    return Citation(number, paper, quote, start, start + len(quote), verdict, 0.9, role)


AGAINST = pin(TWO, "Trees had no effect on bees.", 2, Verdict.CONTRADICTED)
SAID = Sentence(
    "Bees foraged more in shade.", (pin(ONE, "Bees foraged more in shade.", 1),), Verdict.SUPPORTED, 1.0,
    Agreement(("p",), (AGAINST,)),
)  # fmt: skip
CONSIDERED = (
    Considered(ONE, "Shade helps bees.", 0, 17, 0.9, Role.BACKGROUND),
    Considered(TWO, "Ten farms.", 9, 19, 0.5, why="it disagrees"),
    Considered(THREE, THREE.abstract, 0, 27, 0.1, why="it doesn't answer"),
)
ANSWER = Answer("Does shade help bees?", Status.ANSWERED, SAID.text, (SAID,), considered=CONSIDERED)


def test_every_paper_that_was_read_has_a_row_with_its_part_in_the_answer():
    rows = evidence_table(ANSWER)
    assert [(row.number, row.paper.id, row.stance, row.cited) for row in rows] == [
        (1, "p", "supports", True),
        (2, "q", "disagrees", False),
        (None, "r", "", False),
    ]
    assert [row.why for row in rows] == ["", "it disagrees", "it doesn't answer"]
    assert rows[0].role is Role.RESULT
    assert rows[1].says.text == AGAINST.quote


def test_of_several_cited_sentences_the_row_has_the_one_that_answers_best():
    opening = Sentence("Shade helps bees.", (pin(ONE, "Shade helps bees.", 1),), Verdict.SUPPORTED, 1.0)
    for sentences in ((opening, SAID), (SAID, opening)):
        assert evidence_table(replace(ANSWER, sentences=sentences))[0].says.text == "Shade helps bees."


def test_every_cell_is_pinned_to_where_it_is_stated():
    one, two, three = evidence_table(ANSWER)
    for row in (one, two, three):
        assert row.paper.abstract[row.says.start : row.says.end] == row.says.text
    assert one.sample.text == "n = 1,204; n=8"
    assert TRIAL[one.sample.start : one.sample.end] == "We surveyed 12 gardens (n = 1,204 bees, n=8 hives)."
    assert two.setting.text == TWO.abstract[two.setting.start : two.setting.end] == "Ten farms."
    assert (one.setting, three.sample, three.setting) == (None, None, None)  # 40 kinds of jam are no sample


def test_a_paper_that_may_answer_too_is_not_said_to_be_silent():
    others = (replace(CONSIDERED[2], why=MAY_ANSWER), *CONSIDERED[:2])
    assert agreement_line(replace(ANSWER, considered=others)).endswith("1 disagrees, 1 may answer too.")
    assert evidence_table(replace(ANSWER, considered=others))[2].stance == "may answer too"


def test_the_papers_are_counted_by_side():
    assert agreement_line(ANSWER) == "Of 3 papers found, 1 supports it, 1 disagrees, 1 doesn’t say."
    torn = replace(SAID, agreement=Agreement(("p", "q"), (AGAINST,)))
    assert "1 has both sides" in agreement_line(replace(ANSWER, sentences=(torn,)))
    assert agreement_line(replace(ANSWER, written_by="records")) == ""
    assert agreement_line(replace(ANSWER, sentences=(), status=Status.DECLINED)) == ""


def test_the_answer_that_stands_in_for_a_models_has_its_table():
    failed = Answer("Does it?", Status.DECLINED, "The model failed.", fallback=ANSWER)
    assert evidence_table(failed) == evidence_table(ANSWER)
    assert agreement_line(failed) == agreement_line(ANSWER)


def test_an_answer_kept_before_papers_were_listed_has_those_it_shows():
    old = replace(ANSWER, considered=())
    assert [row.paper.id for row in evidence_table(old)] == ["p", "q"]
    assert agreement_line(old) == "1 supports it, 1 disagrees."


def test_as_csv_it_is_read_back_and_no_cell_is_a_formula():
    lines = list(csv.DictReader(io.StringIO(table_csv(ANSWER))))
    assert tuple(lines[0]) == COLUMNS
    assert [line["paper_id"] for line in lines] == ["p", "q", "r"]
    assert lines[1]["title"] == "'=HYPERLINK(1)"
    first = lines[0]
    assert TRIAL[int(first["says_start"]) : int(first["says_end"])] == first["says"]
    assert (first["year"], first["authors"], first["cited"]) == ("2020", "Fell, Ada; Ng, Bo", "yes")
    assert (lines[1]["year"], lines[2]["sample"], lines[2]["sample_start"]) == ("", "", "")


def test_a_paper_that_only_speaks_for_itself_is_quoted_and_supports_nothing():
    alone = replace(SAID, agreement=Agreement(("p",)))
    assert agreement_line(replace(ANSWER, sentences=(alone,))) == "Of 3 papers found, 1 is quoted, 2 don’t say."
    assert agreement_line(replace(ANSWER, sentences=(alone,), considered=CONSIDERED[:1])) == ""  # nothing to compare
    reworded = replace(alone, text="In shade, bees foraged more.")
    assert "1 supports it" in agreement_line(replace(ANSWER, sentences=(reworded,)))
    with_another = replace(alone, agreement=Agreement(("p", "r")))
    assert "2 support it" in agreement_line(replace(ANSWER, sentences=(with_another,)))
    assert "1 supports it, 1 is quoted" not in agreement_line(replace(ANSWER, sentences=(with_another, alone)))


def test_two_papers_that_disagree_are_on_one_side_each_whichever_speaks():
    answer_back = Sentence(
        AGAINST.quote, (replace(AGAINST, verdict=Verdict.SUPPORTED),), Verdict.SUPPORTED, 1.0,
        Agreement(("q",), (replace(SAID.citations[0], verdict=Verdict.CONTRADICTED),)),
    )  # fmt: skip
    line = "Of 3 papers found, 1 supports it, 1 disagrees, 1 doesn’t say."
    rows = evidence_table(replace(ANSWER, sentences=(SAID, answer_back)))
    assert agreement_line(replace(ANSWER, sentences=(SAID, answer_back))) == line
    assert {row.paper.id: row.stance for row in rows} == {"p": "supports", "q": "disagrees", "r": ""}
    turned = evidence_table(replace(ANSWER, sentences=(answer_back, SAID)))
    assert {row.paper.id: row.stance for row in turned} == {"q": "supports", "p": "disagrees", "r": ""}


def test_the_side_that_the_answer_gives_first_supports_it_though_the_other_was_found_to_disagree():
    opening = replace(SAID, agreement=Agreement(("p",)))
    answer_back = Sentence(
        AGAINST.quote, (replace(AGAINST, verdict=Verdict.SUPPORTED),), Verdict.SUPPORTED, 1.0,
        Agreement(("q",), (replace(SAID.citations[0], verdict=Verdict.CONTRADICTED),)),
    )  # fmt: skip
    rows = evidence_table(replace(ANSWER, sentences=(opening, answer_back)))
    assert {row.paper.id: row.stance for row in rows} == {"p": "supports", "q": "disagrees", "r": ""}
