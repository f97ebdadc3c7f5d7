"""Answers of any system, in the documented layout."""

import json

import pytest

from eval.answers.authenticity import without_made_up
from eval.answers.file_format import from_record, read_responses, to_record
from eval.answers.responses import Claim, Passage, PinnedQuote, Response, from_answer
from rag.errors import SourceError
from rag.types import Answer, Citation, Issue, Paper, Reason, Sentence, Status, Verdict

FULL = Response(
    case="q1",
    text="Tides rise [1]. Winds turn.",
    claims=(Claim("Tides rise.", (1,), (PinnedQuote(1, "Tides rise.", 0, 11),)), Claim("Winds turn.")),
    passages=(Passage("p1", "Tides rise. Salt floats.", "On tides", "Fell2020"),),
    retrieved=("p1", "p2"),
    confidence=0.75,
    seconds=1.5,
    prompt_tokens=120,
    cost=0.002,
    model="m",
    issues=("unknown_number",),
)


def test_a_response_survives_the_file():
    assert from_record(json.loads(json.dumps(to_record(FULL)))) == FULL


def test_what_a_system_does_not_report_is_left_out():
    assert "completion_tokens" not in to_record(FULL)


def test_the_least_that_is_needed():
    found = from_record(
        {"id": "q1", "text": "Tides rise [1]. Winds turn.", "passages": [{"id": "p1", "text": "Tides."}]}
    )
    assert [(c.text, c.marks) for c in found.claims] == [("Tides rise.", (1,)), ("Winds turn.", ())]
    assert (found.retrieved, found.declined, found.confidence) == (("p1",), False, None)


def test_a_refusal_is_recognised_if_the_system_does_not_report_it():
    assert from_record({"id": "q1", "text": "The sources do not provide this."}).declined
    assert not from_record({"id": "q1", "text": "The sources do not provide this.", "declined": False}).declined


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"text": "x"}, "'id' is missing"),
        ({"id": "q", "text": 7}, "text is 7"),
        ({"id": "q", "text": "x", "declined": "no"}, "declined is 'no'"),
        ({"id": "q", "text": "x", "seconds": "1 s"}, "seconds is '1 s'"),
        ({"id": "q", "text": "x", "passages": ["y"]}, "an entry of passages is 'y': give an object"),
        ({"id": "q", "text": "x", "passages": {"1": "y"}}, r"passages is {'1': 'y'}: give a list, in \[ \]"),
        ({"id": "q", "text": "x", "passages": None}, "passages is None: give a list"),
        ({"id": "q", "text": "x", "retrieved": "title:9f"}, "retrieved is 'title:9f': give a list"),
        ({"id": "q", "text": "x", "issues": "none"}, "issues is 'none': give a list"),
        ({"id": "q", "text": "x", "sentences": "x"}, "sentences is 'x': give a list"),
        ({"id": "q", "content": "x"}, "content is 'x': give a list"),
        ({"id": "q", "text": "x", "passages": [{"id": "p", "text": "x", "title": 7}]}, "title of a passage is 7"),
        ({"id": "q", "text": "x", "confidence": 87}, "confidence is 87.0: give a number from 0 to 1"),
        ({"id": "q", "text": "x", "seconds": -3}, "seconds is -3.0: give a number from 0"),
        ({"id": "q", "text": "x", "cost": float("nan")}, "NaN isn't a number in JSON"),
        ({"id": "q", "text": "x", "pasages": []}, "unknown key 'pasages' of an answer: did you mean 'passages'"),
        ({"id": "q", "text": "x", "passages": [{"id": "p", "text": "x", "body": "x"}]}, "'body' of a passage"),
        ({"id": "q", "text": "x", "sentences": [{"text": "x", "mark": [1]}]}, "'mark' of a sentence"),
        ({"id": "q", "text": "It is 42.", "sentences": [{"text": "Tides rise."}]}, "the text goes on 'it is 42'"),
        ({"id": "q", "text": "It is 42.", "sentences": []}, "the text goes on 'it is 42'"),
        ({"id": "q", "text": "x", "sentences": [], "annotations": []}, "sentences and annotations in one line"),
        ({"id": "q", "text": "x", "passages": [{"id": "p"}]}, "'text' is missing"),
        ({"id": "q", "text": "x", "sentences": [{"text": "x", "marks": ["1"]}]}, "give passage numbers"),
    ],
)
def test_a_line_of_another_layout_is_refused_with_its_number(write_jsonl, row, fault):
    path = write_jsonl("answers.jsonl", [{"id": "ok", "text": "Tides rise."}, row])
    with pytest.raises(SourceError, match=rf"answers\.jsonl:2: .*{fault}"):
        read_responses(path)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"id": "a", "text": "x", "text": "y"}', "the key 'text' is there twice"),
        (r'{"id": "a", "text": "\uD800 x"}', "half a character"),
        ("[" * 100_000, "not JSON that can be read"),
        ('{"id": "a", "seconds": ' + "9" * 5_000 + "}", "not JSON that can be read"),
    ],
)
def test_a_line_that_readers_would_differ_on_is_refused(tmp_path, line, fault):
    path = tmp_path / "answers.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=rf"answers\.jsonl:1: .*{fault}"):
        read_responses(path)


def test_a_file_from_another_system_may_have_a_byte_order_mark_and_other_line_ends(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a", "text": "x"}\r\n\r\n{"id": "b", "text": "y"}\r\n')
    assert list(read_responses(path)) == ["a", "b"]


def test_a_file_without_an_answer_is_refused(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"answers\.jsonl: holds no answer"):
        read_responses(path)


def test_whether_a_short_text_in_another_language_declines_is_unknown():
    """With a mark or in a passage it is an answer; declared, it is what it is declared to be."""
    text = "Die Arbeiten beantworten diese Frage leider nicht."
    found = from_record({"id": "q1", "text": text})
    assert not found.declined
    assert 'add "declined": true or false' in found.error
    assert from_record({"id": "q1", "text": text, "declined": True}).declined
    passages = [{"id": "p", "text": text}]
    for row in ({"text": f"{text} [1]"}, {"text": text, "passages": passages}, {"text": text, "declined": False}):
        assert (from_record({"id": "q1"} | row).error, from_record({"id": "q1"} | row).declined) == (None, False)


def test_a_question_answered_twice_is_refused(write_jsonl):
    with pytest.raises(SourceError, match="a second time"):
        read_responses(write_jsonl("answers.jsonl", [{"id": "q", "text": "x"}] * 2))


ABSTRACT = "Tides rise at noon. Salt floats up."
PAPERS = (
    Paper("p1", "On tides", ABSTRACT),
    Paper("p2", "On winds", "Winds turn."),
    Paper("p3", "On owls", "Owls hunt."),
)


def pin(number, paper, start, end):
    return Citation(number, paper, paper.abstract[start:end], start, end, Verdict.SUPPORTED, 1.0)


def test_an_answer_of_pincite_keeps_its_numbers():
    tides, winds, owls = PAPERS
    first = Sentence("Winds turn.", (pin(1, winds, 0, 11),), Verdict.SUPPORTED, 1.0)
    second = Sentence("Tides rise.", (pin(2, tides, 0, 19), pin(2, tides, 20, 35)), Verdict.SUPPORTED, 1.0)
    answer = Answer("q?", Status.ANSWERED, "Winds turn [1]. Tides rise [2].", (first, second), confidence=0.5)
    found = from_answer("q", answer, (tides, owls, winds), ("p1", "p3", "p2"), seconds=2.0)
    assert [p.id for p in found.passages] == ["p2", "p1", "p3"]  # cited by number, then the rest
    assert found.retrieved == ("p1", "p3", "p2")  # as ranked
    assert [c.marks for c in found.claims] == [(1,), (2,)]
    assert all(p.quote in found.passages[p.passage - 1].text for c in found.claims for p in c.pins)
    assert (found.confidence, found.seconds, found.declined, found.error) == (0.5, 2.0, False, None)


def test_what_a_record_says_is_cited_but_quoted_nowhere():
    tides = Paper("p1", "On tides", "Tides rise.", authors=("Fell, Ada",))
    pin = Citation(1, tides, "", 0, 0, Verdict.SUPPORTED, 1.0, record="Fell, Ada")
    sentence = Sentence("Fell wrote it.", (pin,), Verdict.SUPPORTED, 1.0)
    answer = Answer("q?", Status.ANSWERED, "Fell wrote it [1].", (sentence,))
    (claim,) = from_answer("q", answer, (tides,), ("p1",)).claims
    assert (claim.marks, claim.pins) == ((1,), ())


def test_a_model_that_failed_is_not_a_refusal():
    issue = Issue("model_timeout", "no reply within 5 s")
    failed = Answer("q?", Status.DECLINED, "Sorry.", reason=Reason.MODEL_UNAVAILABLE, issues=(issue,))
    found = from_answer("q", failed, (), ())
    assert (found.declined, found.error) == (False, "no reply within 5 s")
    declined = Answer("q?", Status.DECLINED, "Sorry.", reason=Reason.LOW_RELEVANCE)
    assert from_answer("q", declined, (), ()).declined


TIDES = [{"id": "p1", "text": "Tides rise."}, {"id": "p2", "text": "Winds turn.", "key": "https://winds.example"}]


def test_the_content_blocks_of_a_message_with_citations():
    """As Anthropic's API returns them: each block of text with its own citations."""
    place = {"type": "char_location", "cited_text": "Tides rise. ", "document_index": 0, "start_char_index": 0}
    blocks = [{"type": "text", "text": "In short: "}, {"type": "text", "text": "Tides rise.", "citations": [place]}]
    found = from_record({"id": "q", "content": blocks, "passages": TIDES})
    assert found.text == "In short: Tides rise."
    assert [(c.text, c.marks) for c in found.claims] == [("In short:", ()), ("Tides rise.", (1,))]
    assert found.claims[1].pins == (PinnedQuote(1, "Tides rise."),)


def test_the_annotations_of_a_message():
    """As OpenAI's API returns them: the place in the text and the source."""
    text = "Tides rise. Winds turn."
    notes = [
        {"type": "file_citation", "index": 10, "filename": "p1"},
        {"type": "url_citation", "start_index": 12, "end_index": 22, "url": "https://winds.example", "title": "W"},
        {"type": "url_citation", "start_index": 12, "end_index": 22, "url": "https://nowhere.example"},
    ]
    found = from_record({"id": "q", "text": text, "annotations": notes, "passages": TIDES})
    assert [(c.text, c.marks) for c in found.claims] == [("Tides rise.", (1,)), ("Winds turn.", (2, -1))]


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        (
            "Tides rise ([x](https://winds.example?utm_source=openai)). Salt floats 【4:1†p1】.",
            "([x](https://winds.example?utm_source=openai))",
        ),
        ("Tides rise. ([x](https://winds.example)) Salt floats 【4:1†p1】.", "([x](https://winds.example))"),
        ("Tides rise [1](https://winds.example). Salt floats.", "[1](https://winds.example)"),
    ],
)
def test_what_annotations_put_into_the_text_is_no_part_of_it(text, placed):
    start = text.index(placed)
    end = start + len(placed)
    notes = [
        {"type": "url_citation", "start_index": start, "end_index": end, "title": "W",
         "url": "https://winds.example?utm_source=openai"},
        {"type": "file_citation", "index": len(text) - 2, "filename": "p1"},
    ]  # fmt: skip
    found = from_record({"id": "q", "text": text, "annotations": notes, "passages": TIDES})
    assert [(c.text, c.marks) for c in found.claims] == [("Tides rise.", (2,)), ("Salt floats.", (1,))]


def test_passages_that_the_library_does_not_hold_count_for_nothing():
    papers = {"p1": ("On tides", "Tides rise at  noon. Salt floats."), "p2": ("On winds", "Winds turn.")}
    real = Response("q", "x [1].", passages=(Passage("p1", "Tides rise at noon."),), retrieved=("p1",))
    assert without_made_up(real, papers) is real
    made_up = (Passage("p1", "Tides cure colds."), Passage("p9", "Owls."), Passage("p2", "Winds turn."))
    found = without_made_up(Response("q", "x [1].", passages=made_up, retrieved=("p1", "p9", "p2")), papers)
    assert [p.text for p in found.passages] == ["", "", "Winds turn."]
    assert found.retrieved == ("p2",)
    assert found.issues == ("passage_not_in_library",)
