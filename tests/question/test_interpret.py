"""A conversation about papers: what its follow-ups mean, and what records answer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Library, answer
from rag.question import follow_up
from rag.question.interpret import understand
from rag.receipts import check_receipt
from rag.serialization import to_json
from rag.text import question_form, words
from rag.text.question_form import QuestionReading
from rag.types import Filters, Reason, Status

ROWS = [
    {
        "title": "Flower strips and bees in fields of rape",
        "abstract": "We counted bees along 40 fields of rape. Flower strips increased visits of bumblebees by 31%. "
        "The gain was due to wild carrot, which flowers late. Strips older than three years gave less.",
        "authors": ["Sørensen, Ida", "Wei, Bo"],
        "year": 2021,
        "venue": "Field Notes",
    },
    {
        "title": "Hedgerows as nesting places of bees",
        "abstract": "Hedgerows are nesting places of solitary bees. We dug 200 holes. Nests were twice as many under "
        "old hedgerows as under young ones. Honeybees made no use of hedgerows.",
        "authors": ["Wei, Bo"],
        "year": 2023,
    },
    {
        "title": "Moss on slate roofs",
        "abstract": "Moss spreads on slate roofs within nine years. Northern slopes were covered first.",
        "authors": ["Weiss, Carl"],
        "year": 2019,
    },
]


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("bees")
    (folder / "bees.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    with Library.open(folder / "library", embedder=embedder) as found:
        found.add(folder / "bees.jsonl")
        yield found


def talk(library, *questions):
    """Ask one after the other; return the last answer."""
    history = []
    for question in questions:
        found = answer(question, library, history=history)
        history += [{"role": "user", "content": question}, {"role": "assistant", "content": found.text}]
    return found


FIRST = "By how much did flower strips increase visits of bees?"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who wrote that?", "was written by Ida Sørensen and Bo Wei [1]."),
        ("When was it published?", "was published in Field Notes in 2021 [1]."),
        ("Who are the authors of the first one?", "was written by Ida Sørensen and Bo Wei [1]."),
    ],
)
def test_the_papers_cited_last_are_what_that_means(library, question, text):
    found = talk(library, FIRST, question)
    assert found.text == f"“{ROWS[0]['title']}” {text}"
    assert (found.written_by, found.status) == ("records", Status.ANSWERED)


def test_the_papers_cited_may_be_passed_in_instead_of_looked_up(library):
    moss = library.search("moss on slate roofs")[0].paper_id
    history = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "So it is.", "papers": [moss]}]
    assert "by Carl Weiss" in answer("Who wrote that?", library, history=history).text


def test_a_receipt_of_a_record_is_checked_against_the_record(library):
    found = talk(library, FIRST, "Who wrote that?")
    plain = to_json(found.receipt)
    assert check_receipt(plain, library) == []
    plain["quotes"][0]["sentence"] = plain["quotes"][0]["sentence"].replace("Ida", "Eva")
    assert [finding.code for finding in check_receipt(plain, library)] == ["altered_receipt", "changed_record"]


def test_more_of_a_paper_is_what_was_not_shown_yet(library):
    first = talk(library, FIRST)
    more = talk(library, FIRST, "Who wrote that?", "Tell me more about that paper.")
    assert {paper.title for paper in more.papers} == {ROWS[0]["title"]}
    assert not {sentence.text for sentence in first.sentences} & {sentence.text for sentence in more.sentences}
    assert [issue.message for issue in more.issues] == [f"Understood as: What did “{ROWS[0]['title']}” find?"]


def test_what_is_asked_of_cited_papers_is_looked_for_in_them_alone(library):
    found = talk(library, FIRST, "Does that study speak of wild carrot?")
    assert {paper.title for paper in found.papers} == {ROWS[0]["title"]}
    assert talk(library, FIRST, "Does that study speak of moss?").status is Status.DECLINED
    too_far = talk(library, FIRST, "What did the third one find?")
    assert (too_far.text, too_far.nearest) == ("The last answer cites only 1 paper.", ())


def test_what_could_be_asked_of_any_study_is_asked_of_those_cited_last(library):
    found = talk(library, "How fast does moss spread on slate roofs?", "How long does it take?", "What was the sample?")
    assert found.receipt.searched == f"What was the sample? (“{ROWS[2]['title']}”)"
    both = [{"role": "user", "content": "Do bees nest?"}, {"role": "assistant", "content": "Yes [1][2]."}]
    both[1]["papers"] = [paper.id for paper in library.papers()[:2]]
    found = understand(QuestionReading("Which data were used?"), both, library, Filters())
    assert found.searched == "Which data were used? (Do bees nest?)"
    assert len(found.filters.papers) == 2


def test_a_model_is_not_asked_for_what_records_state(library):
    class Forbidden:
        name = "scripted:forbidden"
        host = "127.0.0.1"

        def context(self, timeout):
            raise AssertionError("the model was asked")

        stream = context

    assert answer("Who wrote Moss on slate roofs?", library, model=Forbidden()).written_by == "records"


def test_a_follow_up_says_how_it_was_understood(library):
    found = talk(library, FIRST, "What about honeybees?")
    assert found.receipt.searched == "By how much did flower strips increase visits of honeybees?"
    assert [i.message for i in found.issues if i.code == "understood"] == [f"Understood as: {found.receipt.searched}"]


def test_what_a_follow_up_newly_asks_is_never_answered_by_the_same_again(library):
    assert talk(library, FIRST, "And in Peru?").status is Status.DECLINED
    found = talk(library, FIRST, "What about old slates?")
    assert found.status is Status.DECLINED or "None of the papers cited mentions" in str(found.issues)


def test_a_question_on_records_leaves_the_subject_as_it_was(library):
    found = talk(library, FIRST, "Who wrote that?", "Why?")
    assert found.receipt.searched == "Why did flower strips increase visits of bees?"
    assert found.sentences


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("Which papers by Wei are in the library?", [ROWS[1], ROWS[0]]),
        ("What did Wei publish in 2023?", [ROWS[1]]),
        ("Which papers were published before 2020?", [ROWS[2]]),
        ("Who wrote Moss on slate roofs?", [ROWS[2]]),
        ("Who wrote the paper on nesting places?", [ROWS[1]]),
    ],
)
def test_records_are_listed_and_said_to_be_records(library, question, titles):
    found = answer(question, library)
    assert [paper.title for paper in found.papers] == [row["title"] for row in titles]
    assert found.written_by == "records"
    assert all(pin.record and not pin.quote for s in found.sentences for pin in s.citations)


def test_a_subject_next_to_authors_and_years_is_searched_within_them(library):
    found = answer("What do papers since 2022 say about bees?", library)
    assert {paper.year for paper in found.papers} == {2023}
    assert "Searched only papers of 2022 or later, as the question says." in [i.message for i in found.issues]
    assert {p.title for p in answer("Papers by Sørensen on bees?", library).papers} == {ROWS[0]["title"]}


@pytest.mark.parametrize(
    ("undated", "said", "left_out"),
    [
        (
            1,
            "Searched only papers of 2022 or later, as the question says. 1 paper without a year was left out.",
            "1 paper without a year was left out.",
        ),
        (
            2,
            "2 of 3 papers have no year, so papers of every year were searched.",
            "2 papers without a year were left out.",
        ),
    ],
)
def test_papers_without_a_year_are_not_lost_in_silence(tmp_path, embedder, undated, said, left_out):
    rows = [{k: v for k, v in row.items() if k != "year" or i >= undated} for i, row in enumerate(ROWS)]
    (tmp_path / "bees.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(tmp_path / "bees.jsonl")
        reported = answer("What do papers since 2022 say about nests of bees in hedgerows?", library)
        listed = answer("Which papers were published since 2018?", library)
        none = answer("Which papers were published since 2030?", library)
    assert said in [issue.message for issue in reported.issues]
    assert [paper.title for paper in reported.papers][:1] == [ROWS[1]["title"]]
    assert none.text == f"The library has no papers of 2030 or later. {left_out}"
    assert listed.issues[0].message.endswith(f" {left_out}")


def test_a_list_goes_on_in_the_next_question(library):
    found = talk(library, "Which papers by Wei are in the library?", "And since 2022?")
    assert [paper.title for paper in found.papers] == [ROWS[1]["title"]]


def test_missing_fields_of_records_are_reported(library):
    found = answer("Which papers by Pike are in the library?", library)
    assert (found.reason, found.text) == (Reason.FILTERED_OUT, "No record in the library names an author “Pike”.")
    assert answer("What did Wei publish in 1999?", library).text == "The library has no papers by Wei of 1999."


@pytest.mark.parametrize("question", ["hello", "Thanks a lot!", "ok, thank you very much"])
def test_a_greeting_is_not_a_question(library, question):
    found = answer(question, library)
    assert (found.reason, found.nearest, found.sentences) == (Reason.NO_QUESTION, (), ())


def test_words_that_no_paper_contains_find_none(library):
    found = answer("asdf qwer", library)
    assert (found.status, found.nearest) == (Status.DECLINED, ())
    assert [issue.code for issue in found.issues] == ["unknown_words"]


@pytest.mark.parametrize(
    "question",
    [
        "Why do hedgerows hold more nests when they are old?",
        "Which study first counted bees in rape?",
        "How many holes were dug under hedgerows?",
        "Do honeybees use hedgerows for their nests?",
        "When do wild carrots flower?",
        "Where does moss spread first on slate roofs?",
        "Who benefits from flower strips?",
        "Is it known how fast moss covers a roof?",
        "What did Wei et al. find about nests?",
        "How did the numbers of bees change in 2019?",
        "Tell me more about moss on slate roofs",
        "And how fast does moss spread on slate?",
        "Explain how bees find nesting places",
        "What is the role of the paper industry in moss research?",
        "Hello bees: where do you nest?",
        "Which of the two kinds of hedgerows holds more nests?",
        "Does the first year of a flower strip matter for bees?",
        "Are there other plants than wild carrot that bees visit?",
        "How old is a hedgerow before solitary bees nest in it?",
        "What do bees need besides flowers, and where do they find it?",
        "thanks to what do bumblebees visit rape more often?",
    ],
)
def test_a_question_that_stands_alone_is_not_touched_by_the_turns_before(library, question):
    history = [
        {"role": "user", "content": FIRST},
        {"role": "assistant", "content": "Flower strips increased visits of bumblebees by 31% [1]."},
    ]
    found = understand(QuestionReading(question), history, library, Filters())
    assert (found.searched, found.filters, found.notes, found.records) == (question, Filters(), (), ())


def after(question, *, title=0, asked=FIRST, said="It was so [1].", library):
    paper = next(paper for paper in library.papers() if paper.title == ROWS[title]["title"])
    history = [{"role": "user", "content": asked}, {"role": "assistant", "content": said, "papers": [paper.id]}]
    return understand(QuestionReading(question), history, library, Filters())


def test_a_question_that_names_little_is_asked_of_what_the_papers_cited_are_about(library):
    found = after("Which slopes were covered?", title=2, asked="How fast does moss spread?", library=library)
    assert found.searched == "Which slopes were covered? (How fast does moss spread?)"
    assert found.notes == (f"Understood as: {found.searched}",)


@pytest.mark.parametrize("question", ["Who disagrees?", "Does any other study disagree?"])
def test_who_disagrees_is_asked_of_every_paper(library, question):
    found = after(question, asked="Do old hedgerows help bees?", title=1, library=library)
    assert (found.searched, found.filters) == (f"{question} (Do old hedgerows help bees?)", Filters())


@pytest.mark.parametrize("question", ["Summarize the disagreement", "Any caveats?"])
def test_a_question_that_is_about_no_paper_is_asked_of_the_turn_before(library, question):
    found = after(question, asked="Do old hedgerows help bees?", title=1, library=library)
    assert found.searched == f"{question} (Do old hedgerows help bees?)"


@pytest.mark.parametrize(
    "question", ["Which laptop should I buy?", "How do I bake an apple pie?", "Who won the match?"]
)
def test_a_question_that_has_nothing_to_do_with_the_papers_is_a_new_one(library, question):
    found = after(question, asked="Do old hedgerows help bees?", title=1, library=library)
    assert (found.searched, found.filters) == (question, Filters())


def test_which_of_them_means_things_compared_and_no_papers(library):
    asked = "How do old hedgerows compare with young ones for bees?"
    found = after("Which of them is better?", asked=asked, title=1, library=library)
    assert (found.searched, found.filters) == (f"Which of them is better? ({asked})", Filters())


def test_a_pronoun_for_a_thing_just_defined_means_the_thing_and_no_paper(library):
    found = after("How long does it take?", asked="What is moss growth?", title=2, library=library)
    assert (found.searched, found.filters) == ("How long does moss growth take?", Filters())


def test_a_short_question_that_papers_other_than_those_cited_answer_stands_alone(library):
    found = after("Where are the nesting places of bees?", title=0, library=library)
    assert found.searched == "Where are the nesting places of bees?"


def test_the_reader_sees_that_the_turns_before_were_left_out(library):
    found = after("Where do bees nest?", title=0, library=library)
    assert found.searched == "Where do bees nest?"
    assert found.notes == ("Taken as a new question: the turns before were left out.",)


@pytest.mark.parametrize(
    "question",
    [
        "Since nests of solitary bees are under old hedgerows, how did they find them in young hedgerows?",
        "Do old hedgerows help solitary bees by giving them more nesting places?",
    ],
)
def test_a_pronoun_does_not_point_back_where_the_question_fits_papers_other_than_those_cited(library, question):
    found = after(question, title=2, asked="How fast does moss spread?", library=library)
    assert (found.searched, found.filters) == (question, Filters())


def test_a_thing_of_a_list_is_asked_about_where_one_paper_is_cited(library):
    found = after("Why does the second one help?", said="Three: hedges, wild carrot and clover [1].", library=library)
    assert found.searched == f"Why does wild carrot help? ({FIRST})"


def test_who_wrote_a_second_paper_where_one_is_cited_means_no_thing_that_the_answer_lists(library):
    found = after("Who wrote the second one?", said="Three: hedges, wild carrot and clover [1].", library=library)
    assert found.nothing == "The last answer cites only 1 paper."


PIECES = [
    "who wrote ",
    "papers by ",
    "A",
    "-",
    "the second one ",
    "since 2019 ",
    "what about ",
    "it ",
    "(",
    "“",
    "[1]",
    " ",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join))
def test_any_text_is_understood_and_none_takes_long(library, text):
    history = [{"role": "user", "content": text * 20}, {"role": "assistant", "content": text * 20}]
    assert understand(QuestionReading(text), history, library, Filters()).searched is not None


def test_each_turn_is_folded_once(library, monkeypatch):
    turns = [FIRST, "Flower strips did [1].", "And in winter?", "They did not [1].", "What about moss?"]
    folded = []
    fold = words.fold

    def counted(text):
        folded.append(text)
        return fold(text)

    for module in (words, question_form, follow_up):
        monkeypatch.setattr(module, "fold", counted)
    history = [{"role": ("user", "assistant")[i % 2], "content": turn} for i, turn in enumerate(turns[:-1])]
    understand(QuestionReading(turns[-1]), history, library, Filters())
    assert [(turn, folded.count(turn)) for turn in turns if folded.count(turn) > 1] == []
