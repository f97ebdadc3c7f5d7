from dataclasses import replace

import pytest
from places import needs_seeds

from rag import answer, stream_answer
from rag.errors import ConfigError, InputError
from rag.library import Library
from rag.types import Answer, Reason, Status, Step, Verdict
from rag.views.citation_numbers import mark_up


def check_pins(found):
    assert found.sentences
    for sentence in found.sentences:
        assert sentence.citations
        for citation in sentence.citations:
            assert citation.paper.abstract[citation.start : citation.end] == citation.quote
            assert f"[{citation.number}]" in found.text


def test_an_extractive_answer_is_pinned_and_says_who_wrote_it(demo_library):
    found = answer("What is an induction head?", demo_library)
    assert found.status is Status.ANSWERED
    assert found.written_by == "extractive"
    check_pins(found)
    assert all(s.verdict is Verdict.SUPPORTED for s in found.sentences)


@needs_seeds
def test_the_five_pages_answer(seed_library):
    assert len(seed_library) == 362
    found = answer("What triggers emergent misalignment?", seed_library)
    check_pins(found)
    assert "Emergent Misalignment" in " ".join(p.title for p in found.papers)


def test_a_question_on_nothing_in_the_library_is_declined_without_a_model(demo_library):
    found = answer("How do I proof sourdough bread in a cold kitchen?", demo_library)
    assert (found.status, found.sentences) == (Status.DECLINED, ())
    assert found.reason is Reason.LOW_RELEVANCE
    assert found.nearest


def test_a_declined_answer_speaks_of_the_papers_searched_alone(demo_library):
    bread = "How do I proof sourdough bread in a cold kitchen?"
    some = [paper.id for paper in list(demo_library.papers())[:3]]
    assert answer(bread, demo_library).text == "No abstract in the library answers this question."
    assert answer(bread, demo_library, papers=some).text == "None of the 3 abstracts searched answers this question."
    one = answer(bread, demo_library, papers=some[:1])
    assert one.text == "The abstract of this one paper doesn't answer the question."


def test_a_declined_answer_names_what_no_paper_found_mentions(demo_library):
    found = answer("What score does ZebraGraph-9 reach on the QUAGGA benchmark?", demo_library)
    assert found.status is Status.DECLINED
    assert [issue.code for issue in found.issues] == ["unmentioned"]
    assert found.issues[0].message == "None of the papers found mentions ZebraGraph-9, QUAGGA."


def test_marks_come_before_the_full_stop_and_after_dots(demo_library):
    (sentence, *_) = answer("What is an induction head?", demo_library).sentences
    shown = [mark_up([replace(sentence, text=text)]) for text in ("It is so.", "It goes on ...", "A title")]
    assert shown == ["It is so [1].", "It goes on ... [1]", "A title [1]"]


def test_an_empty_library_and_empty_filters_say_so(tmp_path, demo_library, embedder):
    with Library.open(tmp_path / "none", embedder=embedder) as empty:
        assert answer("Anything?", empty).reason is Reason.NO_PAPERS
    assert answer("Anything?", demo_library, year="1200..1300").reason is Reason.FILTERED_OUT


def test_no_model_is_asked_without_papers_or_without_a_question(tmp_path, demo_library, embedder):
    class Forbidden:
        name = "scripted:forbidden"
        host = "127.0.0.1"

        def context(self, timeout):
            raise AssertionError("the model was asked")

        stream = context

    with Library.open(tmp_path / "none", embedder=embedder) as empty:
        assert answer("Anything?", empty, model=Forbidden()).reason is Reason.NO_PAPERS
    assert answer("Anything?", demo_library, model=Forbidden(), year="1200..1300").reason is Reason.FILTERED_OUT
    assert answer("Thanks!", demo_library, model=Forbidden()).reason is Reason.NO_QUESTION


def test_the_stream_ends_with_the_answer_and_shows_each_sentence_before(demo_library):
    parts = list(stream_answer("What is an induction head?", demo_library))
    *before, last = parts
    assert isinstance(last, Answer)
    assert [p.name for p in before if isinstance(p, Step)] == ["search", "read", "write"]
    assert tuple(p for p in before if not isinstance(p, Step)) == last.sentences


def test_the_papers_found_are_there_before_they_are_read(demo_library):
    parts = stream_answer("What is an induction head?", demo_library)
    read = next(part for part in parts if isinstance(part, Step) and part.papers)
    assert read.name == "read"
    *_, last = parts
    assert {pin.paper for pin in last.citations} <= set(read.papers)


@pytest.mark.parametrize(
    ("question", "options", "error", "reported"),
    [
        ("  ", {}, InputError, "empty"),
        ("x" * 5000, {}, InputError, "5,000"),
        ("Why \ud83d?", {}, InputError, "half a character"),
        ("Why?", {"model": "gpt"}, ConfigError, "gpt"),
        ("Why?", {"model": "openai:gpt-5"}, ConfigError, "OPENAI_API_KEY"),
        ("Why?", {"colour": "red"}, TypeError, "colour"),
        ("Why?", {"year": "soon"}, InputError, "soon"),
        ("Why?", {"papers": []}, InputError, "names no paper"),
        ("Why?", {"history": [{"role": "system", "content": "x"}]}, InputError, "turn 1"),
    ],
)
def test_bad_input_is_refused_at_once_by_name(demo_library, question, options, error, reported):
    with pytest.raises(error, match=reported):
        stream_answer(question, demo_library, **options)


def test_a_model_that_is_down_gives_the_extractive_answer_as_fallback(demo_library, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    found = answer("What is an induction head?", demo_library, model="ollama:none")
    assert found.reason is Reason.MODEL_UNAVAILABLE
    assert found.issues[0].code == "model_unreachable"
    assert found.fallback is not None
    check_pins(found.fallback)


def test_the_receipt_records_what_made_the_answer(demo_library):
    found = answer("What is an induction head?", demo_library)
    receipt = found.receipt
    assert receipt.model == "extractive"
    assert receipt.library == demo_library.fingerprint
    assert {q["quote"] for q in receipt.quotes} == {c.quote for s in found.sentences for c in s.citations}
    assert receipt.retrieved[0][0] in {p.id for p in demo_library.papers()}
    assert set(receipt.seconds) == {"search", "write"}


@pytest.fixture
def tide_library(tmp_path, embedder):
    """Two papers, each of which answers one half of a question, among others that answer neither."""
    texts = {
        "Salt tolerance in the tidal sedge": "Sedges grow on mud. Tidal sedge tolerates 18 grams of salt per litre.",
        "Grazing geese in the tidal sedge": "Geese winter on marshes. Grazing geese shorten the stems of tidal sedge.",
        "Lamps of lighthouses": "Lamps need oil. A lamp turns faster each night until its motor is reset.",
        "Snow on northern roofs": "Snow slides off slate. Roofs of turf hold snow until the thaw.",
        "Tunnels for toads": "Toads cross roads in spring. Tunnels with a light at the far end save most of them.",
    }
    with Library.open(tmp_path / "tides", embedder=embedder) as library:
        library.add_records([{"title": title, "abstract": text} for title, text in texts.items()])
        yield library


def test_each_half_of_a_double_question_is_searched_for_and_answered_in_turn(tide_library):
    found = answer("How much salt does tidal sedge tolerate, and what do geese do to its stems?", tide_library)
    texts = [sentence.text for sentence in found.sentences]
    assert texts[0] == "Tidal sedge tolerates 18 grams of salt per litre."
    assert "Grazing geese shorten the stems of tidal sedge." in texts
    assert "part_unanswered" not in [issue.code for issue in found.issues]


def test_a_half_that_nothing_answers_is_named(tide_library):
    found = answer("How much salt does tidal sedge tolerate, and who won the election of 1912?", tide_library)
    assert "Tidal sedge tolerates 18 grams of salt per litre." in [sentence.text for sentence in found.sentences]
    (issue,) = [issue for issue in found.issues if issue.code == "part_unanswered"]
    assert issue.message == "No sentence found clearly answers this part: who won the election of 1912?"


def test_a_question_about_a_thing_that_no_paper_has_is_declined_and_the_thing_named(tide_library):
    found = answer("Does semaglutide shorten the stems of sedge?", tide_library)
    assert (found.status, found.reason) == (Status.DECLINED, Reason.LOW_RELEVANCE)
    assert "None of the papers found mentions semaglutide." in [issue.message for issue in found.issues]


def test_another_word_for_what_a_paper_has_is_no_reason_to_decline(tide_library):
    found = answer("How much saltiness can marsh sedges put up with?", tide_library)
    assert "saltiness" in " ".join(issue.message for issue in found.issues)
    assert "Tidal sedge tolerates 18 grams of salt per litre." in [sentence.text for sentence in found.sentences]
