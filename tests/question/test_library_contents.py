"""Questions about the library itself: how many papers fit, which is the newest, and what a record can't say."""

import json
from pathlib import Path

import pytest

from rag import Library, answer
from rag.question import library_contents
from rag.question.interpret import NONE_CITED, understand
from rag.question.library_contents import counts, extreme, library_question
from rag.question.metadata import about
from rag.question.scope import scope
from rag.receipts import check_receipt
from rag.serialization import to_json
from rag.text.question_form import QuestionReading
from rag.types import Filters, Paper, Reason, Status

ROWS = [
    ("Barley on wet clay", "Barley gave 4 tonnes on wet clay.", ["Fell, Ada", "van Moor, Bo"], 2021, "Soils"),
    ("Drainage and barley", "Drainage raised the yield of barley by 31%.", ["Fell, Ada"], 2018, "Soils"),
    ("Rye under drought", "Rye kept 80% of its yield.", ["Okafor, Lena", "Fell, Ada"], 2023, "Crop Letters"),
    ("Flower strips and bees", "Flower strips drew bees.", ["Wei, Bo"], 2021, "Field Notes"),
    ("Hedgerows as nesting places of bees", "Bees nest under old hedgerows.", ["Wei, Bo"], 2023, "Field Notes"),
    ("Tides in narrow bays", "Spring tides rise by 12%.", ["Park, Mina", "Okafor, Lena"], 2009, "Coasts"),
    ("Owls and the hearing of mice", "Owls hear mice under snow.", ["Okafor, Lena"], None, None),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("contents")
    names = ("title", "abstract", "authors", "year", "venue")
    lines = [
        json.dumps({name: value for name, value in zip(names, row, strict=True) if value is not None}) for row in ROWS
    ]
    (folder / "papers.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with Library.open(folder / "library", embedder=embedder) as found:
        found.add(folder / "papers.jsonl")
        yield found


def titles(found):
    return [paper.title for paper in found.papers]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many papers by Fell are there?", "The library holds 3 papers by Fell [1][2][3]."),
        ("How many articles has Okafor written?", "The library holds 3 papers by Okafor [1][2][3]."),
        ("How many papers do you have?", "The library holds 7 papers [1][2][3][4][5][6][7]."),
        ("How many papers are from 2021?", "The library holds 2 papers of 2021 [1][2]."),
        ("How many papers on barley are in the library?", "“barley” in title or abstract [1][2]."),
        ("How many papers are there by Fell on barley?", "The library holds 2 papers by Fell with “barley” in"),
        ("How many papers are about barley?", "“barley” in title or abstract [1][2]."),
        ("How many papers were published in Field Notes?", "The library holds 2 papers in Field Notes [1][2]."),
        ("How many papers by Fell and Okafor are there?", "The library holds 1 paper by Fell and Okafor [1]."),
        (
            "And how many studies of bees do we have since 2022?",
            "The library holds 1 paper of 2022 or later with “bees”",
        ),
    ],
)
def test_papers_are_counted_and_the_number_is_pinned_to_their_records(library, question, text):
    found = answer(question, library)
    assert text in found.text
    assert (found.written_by, found.status) == ("records", Status.ANSWERED)
    assert all(pin.record and not pin.quote for sentence in found.sentences for pin in sentence.citations)


def test_a_receipt_of_a_count_is_checked_against_each_record(library):
    plain = to_json(answer("How many papers by Fell since 2019 are there?", library).receipt)
    assert check_receipt(plain, library) == []
    plain["quotes"][0]["sentence"] = plain["quotes"][0]["sentence"].replace("Fell", "Park")
    assert [finding.code for finding in check_receipt(plain, library)] == ["altered_receipt", "changed_record"]


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (
            "Who wrote the most papers?",
            ["The library holds 3 papers by Ada Fell.", "The library holds 3 papers by Lena Okafor."],
        ),
        ("How many authors are there in the library?", ["The library holds 7 papers, with 5 different authors."]),
        (
            "Which journals did Fell publish in?",
            ["The library holds 2 papers by Fell in Soils.", "The library holds 1 paper by Fell in Crop Letters."],
        ),
        ("What years are covered?", ["The library holds 6 papers of 2009 to 2023."]),
    ],
)
def test_the_authors_journals_and_years_of_the_library_are_named_from_its_records(library, question, sentences):
    found = answer(question, library)
    assert sorted(sentence.text for sentence in found.sentences) == sorted(sentences)
    assert found.written_by == "records"
    assert check_receipt(to_json(found.receipt), library) == []


@pytest.mark.parametrize(
    "question",
    ["Which papers have no year?", "List the papers without a year.", "Which articles lack a publication year?"],
)
def test_papers_that_lack_a_year_are_listed(library, question):
    undated = [paper.title for paper in library.papers() if paper.year is None]
    found = answer(question, library)
    assert [paper.title for paper in found.papers] == undated
    assert found.issues[0].message == "Listed from the records: all papers without a year."
    assert check_receipt(to_json(found.receipt), library) == []


def test_papers_that_lack_a_year_are_counted(library):
    found = answer("How many papers have no year?", library)
    assert found.text == "The library holds 1 paper without a year [1]."
    assert check_receipt(to_json(found.receipt), library) == []


def test_that_every_record_has_an_author_is_said(library):
    assert answer("Which papers have no author?", library).text == "The library has no papers without an author."


def test_after_an_answer_the_years_are_those_of_the_papers_cited(library):
    cited = [paper.id for paper in library.papers() if paper.title == ROWS[0][0]]
    history = [{"role": "user", "content": "Is it wet?"}, {"role": "assistant", "content": "Yes.", "papers": cited}]
    found = understand(QuestionReading("What years are covered?"), history, library, Filters())
    assert not any("The library holds" in sentence.text for sentence in found.records)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("The library holds 3 papers by Fell in Soils of 2020 to 2022 with “wet clay” in title or abstract.", True),
        ("The library holds 3 papers of 2021 or earlier.", True),
        ("The library holds 3 papers of 2022 or later.", False),
        ("The library holds 3 papers of 2020.", False),
        ("The library holds 3 papers in Coasts.", False),
        ("The library holds 3 papers by Fell without a year.", False),
        ("The library holds 3 papers with “rye” in title or abstract.", False),
        ("The library burnt 3 papers by Fell.", False),
    ],
)
def test_a_count_holds_for_the_papers_that_it_describes(sentence, said):
    paper = Paper("p", ROWS[0][0], ROWS[0][1], authors=("Fell, Ada",), year=2021, venue="Soils")
    assert counts(paper, sentence) is said


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What is the newest paper on bees?", [ROWS[4][0]]),
        ("Which is the oldest study of bees?", [ROWS[3][0]]),
        ("Which paper on barley is the oldest?", [ROWS[1][0]]),
        ("What's the most recent article by Fell?", [ROWS[2][0]]),
        ("What is the oldest paper in the library?", [ROWS[5][0]]),
        ("What is the latest paper?", [ROWS[4][0], ROWS[2][0]]),
        ("Who wrote the newest paper on barley?", [ROWS[0][0]]),
    ],
)
def test_the_newest_or_oldest_paper_is_named_from_the_records(library, question, found):
    said = answer(question, library)
    assert (titles(said), said.written_by) == (found, "records")


def test_the_years_of_many_papers_are_searched_without_reading_them(library, monkeypatch):
    monkeypatch.setattr(library_contents, "LOOKED_AT", 2)
    assert titles(answer("What is the oldest paper?", library)) == [ROWS[5][0]]
    assert titles(answer("What is the newest paper?", library)) == [ROWS[4][0], ROWS[2][0]]


def test_of_papers_of_one_year_the_day_decides_where_all_have_one():
    days = [Paper(day, day, "", year=2020, published=day) for day in ("2020-03-01", "2020-11-30")]
    assert extreme(days, "newest") == days[1:]
    unclear = [*days, Paper("p", "", "", year=2020)]
    assert extreme(unclear, "newest") == unclear


@pytest.mark.parametrize("question", ["Which of them is the oldest?", "Which paper is the oldest?"])
def test_the_oldest_after_an_answer_is_one_of_the_papers_cited(library, question):
    cited = [paper.id for paper in library.papers() if paper.title in (ROWS[0][0], ROWS[2][0])]
    history = [{"role": "user", "content": "Is it wet?"}, {"role": "assistant", "content": "Yes.", "papers": cited}]
    found = answer(question, library, history=history)
    assert titles(found) == [ROWS[0][0]]
    assert "From the records: the oldest of 2 papers cited before." in [issue.message for issue in found.issues]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Show me everything by Wei", [ROWS[4][0], ROWS[3][0]]),
        ("What do you have by Park?", [ROWS[5][0]]),
        ("Please list all publications of Bo Wei", [ROWS[4][0], ROWS[3][0]]),
        ("Which papers appeared in Coasts?", [ROWS[5][0]]),
        ("Papers from the journal Soils?", [ROWS[0][0], ROWS[1][0]]),
        ("Papers from 2021", [ROWS[0][0], ROWS[3][0]]),
        ("Which papers are older than 2018?", [ROWS[5][0]]),
    ],
)
def test_papers_are_listed_by_author_journal_and_year(library, question, found):
    said = answer(question, library)
    assert (titles(said), said.written_by) == (found, "records")


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("How many papers by Pike are there?", "No record in the library names an author “Pike”."),
        ("What is the newest paper on unicorns?", "The library has no papers with “unicorns” in title or abstract."),
        ("How many papers by Park published in Soils are there?", "The library has no papers by Park in Soils."),
        ("Who wrote it?", NONE_CITED),
        (
            "When was that published?",
            NONE_CITED,
        ),
    ],
)
def test_what_the_library_lacks_or_the_question_leaves_open_is_said(library, question, why):
    found = answer(question, library)
    assert (found.text, found.reason) == (why, Reason.FILTERED_OUT)


def test_a_name_that_the_library_does_not_know_as_a_journal_stays_in_the_question(library):
    found = understand(QuestionReading("Which studies published in Peru found rye?"), (), library, Filters())
    assert (found.searched, found.filters) == ("Which studies published in Peru found rye?", Filters())


def test_ordinary_questions_are_not_about_the_library():
    own = [
        "How many studies were included in the review?",
        "How many papers on bees report a decline?",
        "How many articles of clothing were sold?",
        "How many studies that were published early are there?",
        "What is the latest evidence on statins?",
        "What is the most recent estimate of sea level rise?",
        "What was the oldest study participant?",
        "What is the most recent study about?",
    ]
    lines = Path("eval/data/fields/questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [QuestionReading(text) for text in (*own, *(json.loads(line)["question"] for line in lines))]
    assert [q.text for q in asked if library_question(scope(q)) or about(q)] == []


def test_records_without_the_author_that_is_asked_for_are_said(tmp_path, embedder):
    rows = [{"title": "Tides", "abstract": "Tides rise."}, {"title": "Owls", "abstract": "Owls hear."}]
    with Library.open(tmp_path / "library", embedder=embedder) as found:
        found.add_records(rows)
        asked = QuestionReading("Who wrote the most papers?")
        assert understand(asked, (), found, Filters()).nothing == "No record of the papers names the author."
        found.add_records([{"title": "Bees", "abstract": "Bees nest.", "authors": ["Fell, Ada"]}])
        understood = understand(asked, (), found, Filters())
        assert [sentence.text for sentence in understood.records] == ["The library holds 1 paper by Ada Fell."]
        assert "2 records without the author left out" in " ".join(understood.notes)
