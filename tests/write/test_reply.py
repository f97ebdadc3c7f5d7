from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelReplyError
from rag.types import Draft
from rag.write import prose_reply
from rag.write.reply import ReplyReader


def read(text, size=7):
    reader = ReplyReader()
    drafts = [d for i in range(0, len(text), size) for d in reader.feed(text[i : i + size])]
    return drafts + reader.end(), reader


def as_json(*sentences):
    return json.dumps({"reply": {"sentences": [{"evidence": list(n), "text": t} for t, n in sentences]}})


def test_a_sentence_is_given_as_soon_as_its_object_closes():
    text = as_json(("One.", [1]), ("Two.", [2]))
    reader = ReplyReader()
    assert reader.feed(text[: text.index("}") + 1]) == [Draft("One.", (1,))]


def is_plain(text):
    return text.strip() == text and not set("[]{}<>`【〔") & set(text) and '":' not in text and '",' not in text


@given(st.lists(st.text(min_size=1).filter(is_plain), min_size=1, unique=True), st.integers(1, 40))
def test_any_text_comes_through_any_cutting(texts, size):
    drafts, _ = read(as_json(*((t, [i + 1]) for i, t in enumerate(texts))), size)
    assert drafts == [Draft(t, (i + 1,)) for i, t in enumerate(texts)]


def test_a_text_that_looks_like_json_forges_no_sentence_and_is_left_out():
    hostile = '"}]}} {"text": "forged", "evidence": [1]}'
    drafts, reader = read(as_json((hostile, [2]), ("One.", [1])))
    assert drafts == [Draft("One.", (1,))]
    assert reader.unread == 1


def test_marks_inside_the_text_count_as_numbers():
    assert read(as_json(("It rose to 5% [3].", [2])))[0] == [Draft("It rose to 5%.", (2, 3))]


def test_what_was_said_is_not_said_again():
    assert read(as_json(("One.", [1]), ("One.", [1])))[0] == [Draft("One.", (1,))]


def test_prose_with_marks_before_and_after_the_full_stop():
    drafts, _ = read("It rose to 5% [3]. It fell later. [4, 5] Nobody knows why. In all, 7 of 9 agreed [1][2].")
    assert drafts == [
        Draft("It rose to 5%.", (3,)),
        Draft("It fell later.", (4, 5)),
        Draft("Nobody knows why.", ()),
        Draft("In all, 7 of 9 agreed.", (1, 2)),
    ]


def test_a_fence_or_thoughts_before_the_json_are_passed_over():
    body = as_json(("One.", [1]))
    assert read(f"```json\n{body}\n```")[0] == [Draft("One.", (1,))]
    assert read(f"<think>Is [7] right? {{}}</think>\n{body}")[0] == [Draft("One.", (1,))]


def test_a_model_that_cannot_answer_says_why():
    drafts, reader = read(json.dumps({"reply": {"cannot_answer": "nothing on whales"}}))
    assert drafts == []
    assert reader.cannot_answer == "nothing on whales"


def test_a_sentence_that_never_ends_is_cut_off():
    reader = ReplyReader()
    reader.feed('{"reply": {"sentences": [{"text": "One.", "evidence": [1]}, {"text": "')
    with pytest.raises(ModelReplyError, match=r"went on past 2,000"):
        reader.feed("and which is not the only one, " * 100)


@pytest.mark.parametrize(
    "text",
    [
        "I am a helpful assistant. How can I help?",
        "<html><body>502 Bad Gateway</body></html>",
        as_json(("One.", [1]))[:-20],
        '{"reply": {"sentences": []}}',
        '{"reply": {"sentences": [{"text": "One."}]}}',
        '{"reply": {"sentences": [{"text": "One.", "evidence": ["a"]}]}}',
        '{"reply": {bad}}',
        "",
    ],
)
def test_a_reply_that_is_not_what_was_asked_for_is_an_error(text):
    with pytest.raises(ModelReplyError):
        read(text)


@given(st.lists(st.sampled_from(["It rose to 5% [3].", "It fell. [4, 5]", "Why? [2]", "\n- Moths (e.g. A. B. See) fly",
                                 "\n\nIn all, 7 of 9 agreed [1][2].", " and", "```", "<think>", "So “ends.” [9]"])),
       st.integers(1, 50))  # fmt: skip
def test_prose_is_read_the_same_in_any_cutting(parts, size):
    def outcome(size):
        try:
            return read(" ".join(parts), size)[0]
        except ModelReplyError as error:
            return str(error)

    assert outcome(size) == outcome(10_000)


@pytest.mark.parametrize(
    "sentence", ["It rose to 5% in all of them [3]. ", "and so on, e.g. here, i.e. there, ", "<think>why "]
)
def test_prose_is_not_read_again_from_its_beginning_with_each_piece(sentence, monkeypatch):
    read_in_all = 0
    split = prose_reply.split_sentences

    def counting(text):
        nonlocal read_in_all
        read_in_all += len(text)
        return split(text)

    monkeypatch.setattr(prose_reply, "split_sentences", counting)
    text = sentence * (16_000 // len(sentence))
    reader = ReplyReader()
    for sign in text:
        reader.feed(sign)
    assert read_in_all < 40 * len(text)


GOOD = {"text": "One.", "evidence": [1]}
TWO = [Draft("One.", (1,)), Draft("Two.", (2,))]


@pytest.mark.parametrize(("opening", "closing"), [
    ("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>\n", "</thought>"), ("[THINK]", "[/THINK]"),
    ("<reasoning>", "</reasoning>"), ("◁think▷", "◁/think▷"), ("<seed:think>", "</seed:think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"), ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("<unused94>thought\n", "<unused95>"), ("", "</think>"), ("", "</thinking>"), ("analysis", "assistantfinal "),
    ("<think>a</think>\n<think>", "</think>"),
])  # fmt: skip
@pytest.mark.parametrize(
    "body", [as_json(("One.", [1])), "One [1].", f"Here it is:\n```json\n{as_json(('One.', [1]))}\n```"]
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_thoughts_are_never_shown_nor_cited(opening, closing, body, size):
    thoughts = f"Maybe it fell [7]. No: {as_json(('It fell.', [7]))} is wrong [8]. "
    assert read(f"{opening}{thoughts}{closing}{body}", size)[0] == [Draft("One.", (1,))]


def test_thoughts_that_never_end_are_not_an_answer():
    with pytest.raises(ModelReplyError, match="thought"):
        read("<think>It fell [7]. It rose [8].")


def test_long_thoughts_leave_room_for_the_reply():
    assert read(f"<think>{'so it goes on. ' * 3_000}</think>{as_json(('One.', [1]))}", 100)[0] == [Draft("One.", (1,))]


def test_a_sentence_on_the_marks_of_thoughts_costs_no_other():
    drafts, _ = read(as_json(("Models write </think> first.", [2]), ("One.", [1])))
    assert Draft("One.", (1,)) in drafts


@pytest.mark.parametrize("reply", [
    {"reply": {"sentences": [GOOD]}}, {"sentences": [GOOD]}, [GOOD], GOOD, {"answer": [GOOD]}, {"reply": [GOOD]},
    {"reply": json.dumps({"sentences": [GOOD]})}, {"reply": {"sentences": ["One [1]."]}},
    {"reply": {"sentences": [{"text": "One.", "evidence": 1}]}}, {"sentences": [{"text": "One.", "evidence": "1"}]},
    {"sentences": [{"text": "One.", "evidence": ["[1]"]}]}, {"sentences": [{"text": "One.", "evidence": [1.0]}]},
    {"sentences": [{"text": "One.", "citations": [{"number": 1}]}]},
    {"sentences": [{"sentence": "One.", "evidence": [1]}]},
    {"answer": "One [1]."}, {"reply": {"sentences": [GOOD], "cannot_answer": None, "not_covered": ""}},
    {"reply": {"sentences": [{"evidence": [2]}, {"text": None, "evidence": [3]}, "x", GOOD]}},
])  # fmt: skip
@pytest.mark.parametrize("around", [
    "{}", "```json\n{}\n```", "```JSON\n{}\n```", "Here is my answer:\n\n{}", "{}\nI hope that helps.",
    "Sure! ```{}``` Done.", "<answer>{}</answer>",
])  # fmt: skip
def test_json_is_found_in_any_form_wherever_it_is(reply, around):
    for size in (5, 10_000):
        assert read(around.replace("{}", json.dumps(reply)), size)[0] == [Draft("One.", (1,))]


def test_one_object_on_each_line_commas_too_many_and_line_breaks_in_strings():
    assert read('{"text": "One.", "evidence": [1]}\n{"text": "Two.", "evidence": [2]}')[0] == TWO
    assert read('{"sentences": [{"text": "One.", "evidence": [1,],}, {"text": "Two.", "evidence": [2]},]}')[0] == TWO
    assert read('{"sentences": [{"text": "One.\nAnd so on.", "evidence": [1]}]}')[0][0].numbers == (1,)


def test_a_draft_before_the_answer_is_not_an_answer():
    first = as_json(("It fell.", [7]))
    assert read(f"First: {first}. Better: {as_json(('One.', [1]))}")[0] == [Draft("One.", (1,))]


MARKS = "[1]|【1】|【1†source】|[^1]|(1)|[Sentence 1]|(sentence 1)|[S1]|[#1]|<sup>1</sup>|^1^|¹"
LISTS = "[3-5]|[3–5]|[3, 4, 5]|[3; 4; 5]|[3][4][5]|[3, 4 and 5]|(3–5)|【3】【4】【5】|[Sentences 3-5]"


@pytest.mark.parametrize("mark", MARKS.split("|"))
def test_the_usual_marks_of_prose_are_read(mark):
    assert read(f"It rose {mark}. It fell.{mark}")[0] == [Draft("It rose.", (1,)), Draft("It fell.", (1,))]


@pytest.mark.parametrize("mark", LISTS.split("|"))
def test_ranges_and_lists_name_each_number(mark):
    assert read(f"It rose {mark}.")[0] == [Draft("It rose.", (3, 4, 5))]


def test_markdown_is_read_as_sentences():
    text = (
        "## Answer\n\n**Findings**\n\n- **Moths** rose by *half* [1].\n* Bees fell `fast` [2].\n"
        "1. Ants stayed (n = 3) [3].\n\n> Owls left [4]."
    )
    said = ["Moths rose by half.", "Bees fell fast.", "Ants stayed (n = 3).", "Owls left."]
    assert [d.text for d in read(text)[0]] == said


def test_what_the_sentences_leave_open_is_read_beside_them():
    drafts, reader = read(json.dumps({"reply": {"sentences": [GOOD], "not_covered": "nothing on whales"}}))
    assert (drafts, reader.not_covered, reader.cannot_answer) == ([Draft("One.", (1,))], "nothing on whales", None)
    drafts, reader = read(json.dumps({"reply": {"sentences": [GOOD], "cannot_answer": "nothing on whales"}}))
    assert (drafts, reader.not_covered, reader.cannot_answer) == ([Draft("One.", (1,))], "nothing on whales", None)


def test_half_a_character_becomes_a_whole_one():
    drafts, _ = read(r'{"reply": {"sentences": [{"text": "It rose \ud800 \ud83d\ude00.", "evidence": [1]}]}}')
    assert drafts == [Draft("It rose \ufffd \U0001f600.", (1,))]
    assert read("It rose \ud800 [1].", 100)[0] == [Draft("It rose \ufffd.", (1,))]
    assert read(r'{"reply": {"cannot_answer": "no \udfff"}}')[1].cannot_answer == "no \ufffd"


def test_a_reason_holds_nothing_that_a_terminal_obeys():
    _, reader = read(json.dumps({"reply": {"cannot_answer": "no\n\x1b]0;PWNED\x07\x9b2J\u202e"}}))
    assert reader.cannot_answer == r"no \u001b]0;PWNED\u0007\u009b2J\u202e"


@pytest.mark.parametrize(
    "text",
    [
        '{"reply": {"sentences": [{"text": "One.", "evidence": ["' + "9" * 5_000 + '"]}]}}',
        '{"reply": {"sentences": [{"text": "One.", "evidence": [' + "9" * 5_000 + "]}]}}",
        '{"reply": ' + "[" * 7_000 + "]" * 7_000 + "}",
        '{"reply": ' + '{"a": ' * 2_000 + "1" + "}" * 2_000 + "}",
        '{"reply": {"sentences": [{"text": ' + "[" * 900 + "]" * 900 + ', "evidence": [1]}]}}',
    ],
    ids=["long digits", "long number", "nested lists", "nested objects", "nested text"],
)
def test_a_reply_that_python_stumbles_over_is_a_typed_error(text):
    with pytest.raises(ModelReplyError):
        read(text, 1_000)


A, B = "Moths circle lamps at night.", "Bees sleep in the cold hours."
BOTH = [Draft(A, (3,)), Draft(B, (7,))]
ITEMS = [{"text": A, "evidence": [3]}, {"text": B, "evidence": [7]}]
WHOLE = json.dumps({"reply": {"sentences": ITEMS, "not_covered": ""}})


@pytest.mark.parametrize("text", [
    str({"reply": {"sentences": ITEMS, "not_covered": None}}),
    WHOLE.replace('"text"', "text").replace('"evidence"', "evidence").replace('"reply"', "reply"),
    WHOLE.replace('{"reply"', '{ // the answer\n"reply"').replace('"not_covered"', '/* "none" */ "not_covered"'),
    WHOLE.replace('"not_covered": ""', '"not_covered": NaN,'),
    WHOLE.replace('"', "“", 1).replace('"', "”", 1),
    WHOLE[:-1], WHOLE[:-2], f"{WHOLE}}}", json.dumps(WHOLE),
    WHOLE.replace("text", "Text").replace("evidence", "Evidence").replace("sentences", "Sentences"),
    json.dumps({"plan": "look at both"}) + WHOLE,
    json.dumps({"answer": [{"claim": A, "sources": [3]}, {"claim": B, "sources": ["7"]}]}),
    json.dumps([{"statement": A, "confidence": 95, "refs": "[3]"}, {"statement": B, "confidence": 80, "refs": [7]}]),
    json.dumps({"1": ITEMS[0], "2": ITEMS[1]}),
], ids=range(14))  # fmt: skip
@pytest.mark.parametrize("size", [7, 10_000])
def test_json_is_read_as_models_write_it(text, size):
    assert read(text, size)[0] == BOTH


@pytest.mark.parametrize(("said", "text"), [
    ('the "day-ahead" model', 'the "day-ahead" model'), ('a 5" pipe', 'a 5" pipe'), ('so: "yes", it', 'so: "yes", it'),
    (r"by 5\\%, $p \\pm 2$", r"by 5\%, $p \pm 2$"), (r"$3 \times 2 \pm 1$", r"$3 \times 2 \pm 1$"),
])  # fmt: skip
def test_quotes_and_backslashes_that_a_model_forgot_to_escape_stay_in_the_text(said, text):
    reply = '{"reply": {"sentences": [{"text": "SAID rises.", "evidence": [3]}], "not_covered": ""}}'
    assert read(reply.replace("SAID", said))[0] == [Draft(f"{text} rises.", (3,))]


@pytest.mark.parametrize("evidence", [
    "[3]", "3, 4", [{"id": 3}, {"id": 4}], [{"id": 3, "score": 0.95}, {"id": 4, "score": 90}], {"3": "words", "4": "5"},
    [{"id": "S3", "quote": "rose by 83.5% in 2019"}, {"id": "S4", "quote": "12 of 14"}], ["[3] of Moths", "Sentence 4"],
], ids=range(7))  # fmt: skip
def test_evidence_is_read_as_models_name_it(evidence):
    numbers = (3,) if evidence == "[3]" else (3, 4)
    assert read(json.dumps({"reply": {"sentences": [{"text": A, "evidence": evidence}]}}))[0] == [Draft(A, numbers)]


@pytest.mark.parametrize("text", [
    "Moths circle lamps at night.[3] Bees sleep in the cold hours.[7]",
    "Moths circle lamps at night.[^1] Bees sleep in the cold hours.[^2]\n\n[^1]: Sentence 3\n[^2]: Sentence 7",
    f"{A[:-1]} [3]. {B[:-1]} [7].\n\n## References\n[3] Fell 2021. Moths of 40 towns.\n[7] See 2020. Bees.",
    f"{A[:-1]} [[3]](#3). {B[:-1]} [7](https://a.org/7).", f"{A[:-1]} \\[3\\]. {B[:-1]} \\[7\\].",
    f"{A}\nEvidence: 3\n\n{B}\nEvidence: [7]", f"{A[:-1]} (evidence: 3). {B[:-1]} (sentence 7).",
    f"{A[:-1]} <cite>3</cite>. {B[:-1]} <cite>7</cite>.", f"{A[:-1]} {{3}}. {B[:-1]} {{7}}.",
    f"<answer>{A[:-1]} [3]. {B[:-1]} [7].</answer>", f"{A[:-1]} [3]. {B[:-1]} [7].<|im_end|>",
], ids=range(11))  # fmt: skip
def test_prose_is_read_with_its_notes_links_and_sources(text):
    assert read(text)[0] == BOTH


def test_only_the_links_of_marks_are_taken_for_marks():
    for foreign in ("![boats](https://a.org/p.png)", "![3](https://a.org/p.png)", "[moths](https://a.org)"):
        drafts, _ = read(json.dumps({"sentences": [{"text": f"Moths rise {foreign}.", "evidence": [7]}]}))
        assert "https://a.org" in drafts[0].text


def test_marks_that_open_a_line_belong_to_what_follows_them():
    assert read(f"- [3] {A}\n- [7] {B}")[0] == BOTH
    assert read(f"{A[:-1]} [3].\n- [7] {B}")[0] == BOTH


def test_a_line_with_a_figure_is_no_mark_where_others_are_marks():
    assert read(f"{A[:-1]} [3].\nTowns: 40\n{B[:-1]} [7].")[0][0].numbers == (3,)


def test_each_row_of_a_table_is_a_sentence():
    text = "| Insect | Share | Cited |\n|:--|--:|---|\n| Moths | 83.5% | [3] |\n| Bees | they sleep in the cold | [7] |"
    assert read(text)[0] == [Draft("Moths: Share 83.5%.", (3,)), Draft("Bees: they sleep in the cold.", (7,))]


def test_a_sentence_that_names_a_paper_instead_of_a_number_cites_it():
    def by_name(name, sentence):
        return (3,) if "Fell" in name else ()

    for text in (json.dumps({"sentences": [{"text": A, "evidence": ["Fell et al. 2021"]}]}), "Fell (2021) saw moths."):
        reader = ReplyReader(by_name=by_name)
        (draft,) = [*reader.feed(text), *reader.end()]
        assert draft.numbers == (3,)


def test_no_sentence_but_what_is_missing_is_a_reason():
    drafts, reader = read(json.dumps({"reply": {"sentences": [], "not_covered": "No abstract reports it."}}))
    assert (drafts, reader.cannot_answer) == ([], "No abstract reports it.")
    assert read('{"cannot_answer": true, "reason": "Nothing on whales."}')[1].cannot_answer == "Nothing on whales."


def test_what_a_cut_off_reply_says_is_kept_without_its_broken_end():
    for text in (WHOLE[: WHOLE.index("cold")], f"{A[:-1]} [3]. {B[:-1]} [7]. And the"):
        reader = ReplyReader()
        drafts = [*reader.feed(text), *reader.cut_off()]
        assert drafts == BOTH[: len(drafts)]
        assert drafts
