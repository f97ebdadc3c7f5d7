"""Questions that the records of papers answer."""

import pytest

from rag.question.metadata import about, people, says, sentences
from rag.question.scope import scope, wrote
from rag.text.question_form import QuestionReading
from rag.types import Paper

PAPER = Paper(
    "p", "Barley on wet clay", "Barley gave 4 tonnes.", authors=("Fell, Ada", "Bo van Moor"), year=2021, venue="Soils"
)


@pytest.mark.parametrize(
    ("question", "field", "papers"),
    [
        ("Who wrote that?", "authors", "that"),
        ("And who are the authors?", "authors", ""),
        ("Who wrote “Barley on wet clay”?", "authors", "“barley on wet clay”"),
        ("When was it published?", "year", "it"),
        ("What year was the paper on clay published?", "year", "the paper on clay"),
        ("In which journal was that published?", "venue", "that"),
        ("What is the DOI of the second one?", "doi", "the second one"),
        ("What is the title of [2]?", "title", "[2]"),
        ("Has it been retracted?", "retraction", "it"),
        ("When was that?", "year", "that"),
        ("What's the DOI?", "doi", ""),
        ("What's that paper’s arXiv id?", "doi", "that paper"),
        ("Does it have a DOI?", "doi", "it"),
        ("DOI of [2]?", "doi", "[2]"),
        ("Could you tell me who wrote it, please?", "authors", "it"),
        ("And the authors?", "authors", ""),
        ("Whose study is this?", "authors", "this"),
        ("Which researchers wrote this?", "authors", "this"),
        ("How many authors does it have?", "author_count", "it"),
        ("How many people wrote the second one?", "author_count", "the second one"),
        ("What's its publication date?", "year", ""),
        ("Do you know when that was published?", "year", "that"),
        ("How old is that study?", "year", "that study"),
        ("What journal published it?", "venue", "it"),
        ("Where has this been published?", "venue", "this"),
        ("Was it ever retracted?", "retraction", "it"),
        ("Tell me its title", "title", ""),
    ],
)
def test_a_question_for_a_field_of_the_record(question, field, papers):
    found = about(QuestionReading(question))
    assert (found.field, found.papers) == (field, papers)


@pytest.mark.parametrize(
    "question",
    [
        "Who proposed crop rotation?",
        "When was radar invented?",
        "Where do owls nest?",
        "Which groups published guidelines?",
        "How many people wrote in protest?",
        "How old is the glacier?",
        "What is the number of participants?",
        "What year?",
    ],
)
def test_other_questions_are_not_for_the_record(question):
    assert about(QuestionReading(question)) is None


@pytest.mark.parametrize(
    ("question", "author", "years", "rest"),
    [
        ("Which papers by Sørensen are in the library?", "Sørensen", (None, None), "Which papers are in the library?"),
        ("What did Moor publish in 2022?", "Moor", (2022, 2022), "What papers?"),
        ("papers since 2023 on clay", None, (2023, None), "papers on clay"),
        ("Papers by Ada van Fell on clay?", "Ada van Fell", (None, None), "Papers on clay?"),
        ("What do studies from 2019 to 2021 say about clay?", None, (2019, 2021), "What do studies say about clay?"),
        ("Which papers published before 2015 study clay?", None, (None, 2014), "Which papers study clay?"),
        ("Which papers on clay have appeared after 2015?", None, (2016, None), "Which papers on clay?"),
        ("Which paper on clay is from 2019?", None, (2019, 2019), "Which paper on clay?"),
        ("Which of the papers are from 2019?", None, (2019, 2019), "Which of the papers?"),
        ("List papers on clay between 2019 and 2021", None, (2019, 2021), "List papers on clay"),
    ],
)
def test_authors_and_years_of_publication_are_separated_from_the_subject(question, author, years, rest):
    found = scope(QuestionReading(question))
    assert (found.author, (found.year_from, found.year_to), found.rest.text) == (author, years, rest)
    assert found.lists is ("clay" not in question)


@pytest.mark.parametrize(
    "question",
    [
        "What was the catch in 2019?",
        "Since 2020, how have temperatures changed?",
        "What did Fell et al. find in 2020?",
        "Which studies by satellite show melting ice?",
        "How did the flood of 1953 spread?",
        "Which floods are from 1953?",
    ],
)
def test_years_and_names_of_the_subject_narrow_nothing(question):
    assert scope(QuestionReading(question)).is_open


def test_a_name_is_met_in_each_of_its_forms():
    assert all(wrote(name, PAPER) for name in ("Fell", "Ada Fell", "A. Fell", "van Moor", "Bo Moor"))
    assert not any(wrote(name, PAPER) for name in ("Fe", "Bo Fell", "Felling"))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("authors", "“Barley on wet clay” was written by Ada Fell and Bo van Moor."),
        ("author_count", "“Barley on wet clay” has 2 authors."),
        ("year", "“Barley on wet clay” was published in Soils in 2021."),
        ("retraction", "“Barley on wet clay” is not marked as retracted in its record."),
        ("doi", "The record of “Barley on wet clay” has no DOI, arXiv id or PMID."),
        ("", "“Barley on wet clay” (Ada Fell and Bo van Moor, Soils, 2021)."),
    ],
)
def test_a_sentence_from_the_record_says_that_it_is(field, text):
    (sentence,) = sentences([PAPER], field)
    (pin,) = sentence.citations
    assert sentence.text == text
    assert (pin.quote, pin.start, pin.end) == ("", 0, 0)
    assert (
        pin.words
        == pin.record
        == "title: Barley on wet clay. authors: Fell, Ada; Bo van Moor. year: 2021. venue: Soils."
    )
    assert says(PAPER, text)
    assert not says(PAPER, text.replace("Barley", "Rye"))


def test_a_record_without_the_field_says_so():
    (sentence,) = sentences([Paper("p", "Rye", "Rye grew.")], "authors")
    assert sentence.text == "The record of “Rye” doesn't name its authors."


def test_authors_who_are_not_named_are_counted_in():
    paper = Paper("p", "Moths", "They fly.", authors=("Okafor, Lena",), more_authors=True)
    assert people(paper) == "Lena Okafor and others"
    (sentence,) = sentences([paper], "author_count")
    assert sentence.text == "“Moths” has at least 1 author."
