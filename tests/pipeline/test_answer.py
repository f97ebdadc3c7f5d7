from dataclasses import replace

import pytest
from places import needs_seeds

from rag import answer, stream_answer
from rag.errors import ConfigError, InputError
from rag.library import Library
from rag.pipeline import mark_up
from rag.types import Answer, Reason, Status, Step, Verdict


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
