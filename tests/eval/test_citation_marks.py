"""Marks in prose, and the sentences that they belong to."""

import pytest

from eval.answers.citation_marks import marks_in, split_claims, strip_marks
from eval.answers.declined_in_prose import refuses
from eval.answers.responses import Passage


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("It rises [1].", [1]),
        ("It rises [1][2].", [1, 2]),
        ("It rises [1, 3; 4].", [1, 3, 4]),
        ("It rises [2-4].", [2, 3, 4]),
        ("It rises [2–3].", [2, 3]),
        ("It rises 【7】.", [7]),
        ("It lies in [0, 1].", []),  # an interval
        ("It grows by [1.2, 3.4].", []),
        ("It rises (Smith, 2020) [a].", []),
        ("It rises [1-900].", [1, 900]),  # no range that anyone means
    ],
)
def test_marks(text, marks):
    assert marks_in(text) == marks


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before_it():
    claims = split_claims("Tides rise. [1] Winds turn [2]. Owls hunt.")
    assert [(c.text, c.marks) for c in claims] == [("Tides rise.", (1,)), ("Winds turn.", (2,)), ("Owls hunt.", ())]


def test_a_mark_twice_in_a_sentence_is_one():
    assert split_claims("Tides [1] rise [1].")[0].marks == (1,)


def test_an_answer_that_is_only_a_mark_keeps_it():
    assert [c.marks for c in split_claims("[4]")] == [(4,)]


def test_nothing_of_the_text_is_lost():
    text = "Tides rise [1]. Winds, e.g. north winds [2], turn! Do owls hunt? They do."
    assert " ".join(c.text for c in split_claims(text)) == strip_marks(text)


@pytest.mark.parametrize(
    "text",
    [
        "It has 10^2 sites and an R^2 of 0.9.",
        "It covers 10<sup>0</sup> km.",
        "It holds <b>2</b> of 3.",
        "The set {1} holds it.",
        "Write to fell@p1 or @nobody.",
        "In stage (2) it rises.",
        "It rises (Phase 2).",
        "It rises [n = 2].",
        "It rises [95% CI 1-2].",
        "Of [Group 1] and [Arm 2] one rises.",
        "It rises (Mark 9) [Table 9].",
    ],
)
def test_what_is_no_mark(text):
    assert marks_in(text, PASSAGES) == []


PASSAGES = (
    Passage("p1", "Tides rise at noon.", "On tides", "Fell2020"),
    Passage("title:ab", "Winds turn north.", "On winds", "Moss et al., 2021"),
    Passage("123", "Owls hunt at night.", "On owls", "s3"),
)


@pytest.mark.parametrize(
    "text",
    [
        "It rises (1). It falls (2).",
        "It rises [^1]. It falls[^2].\n\n[^1]: On tides\n[^2]: On winds",
        "It rises [Source 1]. It falls [source 2].",
        r"It rises \cite{1}. It falls \citep{Moss et al., 2021}.".replace("Moss et al., 2021", "title:ab"),
        "It rises <cite>1</cite>. It falls<cite>2</cite>.",
        '<cite id="p1">It rises.</cite> <cite id="title:ab">It falls.</cite>',
        "It rises.¹ It falls².",
        "It rises <sup>1</sup>. It falls <sup>[2]</sup>.",
        "It rises [@Fell2020]. It falls [see @title:ab, p. 3].",
        "It rises (Fell2020 pages 1-2). It falls (title:ab pages 3-4).",
        "It rises (Fell2020). It falls (Moss et al., 2021).",
        "It rises [p1 | Fell | 2020 | Citations: 5]. It falls [title:ab | Moss | 2021 | Citations: 0].",
        'It rises <Paper corpusId="p1" isShortName></Paper>. It falls <Paper corpusId="title:ab"></Paper>.',
        "It rises 【1†source】. It falls【2†source】.",
        "[1] It rises. [2] It falls.",
        "It rises [1](#p1). It falls [2](https://example.org/2).",
        "- It rises. [1]\n- It falls. [2]\n\n**References**\n[1] Fell, On tides.\n[2] Moss, On winds.",
        "It rises [1]. It falls [2].\n\nSources:\n1. On tides\n2. On winds",
        "It rises [[1]](https://example.org/1). It falls [[2]](#p2).",
        "It rises [1]_. It falls [2]_.",
        'It rises<sup><a href="#r1">1</a></sup>. It falls <a href="#r2">[2]</a>.',
        "It rises <ref>1</ref>. It falls <citation>2</citation>.",
        'It rises <ref name="p1"/>. It falls <source id="title:ab"></source>.',
        "It rises {1}. It falls {2}.",
        "It rises {{cite|1}}. It falls {{cite|2}}.",
        "It rises^1. It falls^2^.",
        r"It rises$^{1}$. It falls\textsuperscript{2}.",
        "It rises^[1]. It falls footnote:[2].",
        "It rises [#1]. It falls [#2].",
        "It rises [S1]. It falls [S2].",
        "It rises [doc_1]. It falls [doc_2].",
        "It rises [Context 1]. It falls [Context 2].",
        "It rises [citation:1]. It falls [Citation: 2].",
        "It rises (Source 1). It falls (ref. 2).",
        "<co: 0>It rises</co: 0>. <co: 1>It falls</co: 1>.",
        "It rises \ue200cite\ue202p1\ue201. It falls \ue200cite\ue202title:ab\ue201.",
        "It rises @Fell2020. It falls @title:ab.",
        "It rises (On tides). It falls [On winds].",
        "It rises [PMID: p1]. It falls (https://example.org/title:ab).",
        "It rises **[1]**. It falls *[2]*.",
        "It rises ([1](#p1)). It falls ( [2] ).",
        r"It rises~\cite{1}. It falls~\cite{2}.",
        "It rises [^1^]. It falls [^2^].",
        "It rises ［1］. It falls［2］.",
        "[cite_start]It rises [cite: 1]. [cite_start]It falls [cite: 2].",
        "It rises.<sup>[1]</sup> It falls.<sup>[2]</sup>",
        "It rises (Fell 2020). It falls (Moss et al. 2021).",
        "It rises [1, p. 3]. It falls [2, pp. 4-5].",
        "It rises [1]. It falls [2].\n\n**Citations:**\n\n[1] On tides\n> Tides rise at noon.\n\n[2] On winds",
        "It rises (Fell et al., 2020). It falls [Moss and Ode (2021)].",
        "It rises (“On tides”). It falls (*On winds*).",
        "It rises ([On tides](https://example.org/p1)). It falls [Moss](https://example.org/title:ab).",
        "It rises https://example.org/p1. It falls doi:title:ab.",
        "It rises.<ref>Fell, On tides</ref> It falls.<ref>Moss, On winds</ref>",
        r"It rises.\footnote{Fell: On tides.} It falls.\footnote{On winds}",
        "It rises.[^fell] It falls.[^moss]\n\n[^fell]: Fell. On tides.\n[^moss]: Moss. On winds.",
        "It rises.[^a] It falls.[^b]\n\n[^a]: “Tides rise at noon.”\n[^b]: title:ab",
        "It rises [1]. It falls [2].\n\n---\n[1] On tides\n[2] On winds",
        "It rises [1]. It falls [2].\n\nSources: [1] On tides; [2] On winds",
        "It rises [1]. It falls [2].\n\nReferences:\n- On tides\n- On winds",
        "It rises [1]. It falls [2].\n\nReferences:\n1: On tides\n2: On winds",
        "It rises (Fell2020). It falls (Moss et al., 2021).\n\n## References\n- Fell2020: On tides\n- On winds",
        "- It rises. [1]\n- It falls. [2]\n\nSources\n\n1. Fell, On tides.\n2. Moss, On winds.",
        # The list says which paper a number stands for, in whatever order the passages are.
        "It rises [2]. It falls [1].\n\nReferences\n[1] Moss, On winds.\n[2] Fell, On tides.",
    ],
)
def test_every_style_reads_the_same(text):
    claims = split_claims(text, PASSAGES)
    assert [(c.text, c.marks) for c in claims] == [("It rises.", (1,)), ("It falls.", (2,))]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("There are (1) tides and (2) winds [3].", [3]),  # counted, not cited
        ("It grows by 10² (12).", []),  # a power, and more than there are passages
        ("It rises.¹² ", [1, 2]),  # of three passages
        ("It rises [@Fell2020; @nobody].", [1, -652]),  # invented marks are marks
        ("It lies in [a, b] (see below).", []),
        ("It rises 【9†source】.", [9]),
        ("It rises [1/2].", [1, 2]),
        ("It rises [1 to 3].", [1, 2, 3]),
        ("It rises [1..3] and [3 2].", [1, 2, 3, 3, 2]),
        ("It rises in [5/8] of cases.", []),  # more than there are passages
        ("It rises [1]-[3].", [1, 2, 3]),
        ("It rises.¹⁻³", [1, 2, 3]),
        ("It rises.<sup>1</sup><sup>,</sup><sup>2</sup>", [1, 2]),
        ("It rises (see https://example.org/nothing).", []),
        ("It rises <ref>as we said</ref>.", []),
    ],
)
def test_what_may_be_something_else_is_a_mark_only_where_it_leads_somewhere(text, marks):
    assert marks_in(text, PASSAGES) == marks


def test_an_author_in_the_sentence_and_the_year_in_brackets_cite():
    claims = split_claims("Fell (2020) saw it rise. According to Moss et al. (2021), it falls.", PASSAGES)
    assert [claim.marks for claim in claims] == [(1,), (2,)]
    assert split_claims("Ode (2020) saw it rise. It fell (2021).", PASSAGES)[0].marks == ()


def test_a_quote_below_the_answer_that_is_under_no_entry_is_read():
    assert len(split_claims("It rises [1].\n\n> Winds turn north always.", PASSAGES)) == 2
    assert len(split_claims("It rises [1].\n\n[1] On tides\n> Owls hunt by day and by night.", PASSAGES)) > 1


def test_the_rows_of_a_table_are_sentences_and_its_head_is_a_heading():
    text = "| finding | source |\n|---|:--:|\n| It rises. | [1] |\n| Tides | fall | [2] |"
    found = [(claim.text, claim.marks) for claim in split_claims(text, PASSAGES)]
    assert found == [("finding, source:", ()), ("It rises.", (1,)), ("Tides, fall", (2,))]


def test_titles_that_answer_are_not_a_list_of_references():
    text = "Two papers study this:\n- On tides [1]\n- On winds [2]"
    assert [claim.marks for claim in split_claims(text, PASSAGES)] == [(), (1,), (2,)]
    bare = split_claims("Two papers study this [3]:\n- On tides\n- On winds", PASSAGES)
    assert [claim.text for claim in bare[1:]] == ["On tides", "On winds"]


def test_a_list_of_items_that_cite_is_not_a_list_of_references():
    text = "Three things happen:\n[1] Tides rise at noon.\n[2] Winds turn north."
    assert [c.marks for c in split_claims(text, PASSAGES)][-1] == (2,)


@pytest.mark.parametrize(
    "text",
    [
        "The sources do not provide this.",
        "I cannot answer this from the papers.",
        "I don't know.",
        "There is no information available on the sampling rate.",
        "The provided context does not specify this.",
        "There is no mention of this in the sources.",
        "This is not stated in the abstracts.",
        "None of the provided papers addresses this question.",
        "I'm sorry, but the abstracts say nothing about prices.",
        "It is unclear from the given texts which optimizer was used.",
        "The sources are silent on that point.",
        "I have no evidence for this.",
        "Unknown.",
        "Insufficient evidence.",
        "It isn't mentioned.",
        "My sources leave out the price.",
        "I must decline to answer.",
        "That isn't covered by the material you gave me.",
        "The excerpts leave this open. Let me know if you have other papers.",
        "Sorry. None of these papers is about the World Cup.",
        "I'm sorry. The papers do not say. Please add more papers.",
        "The papers do not answer this question [1][2].",
        "The provided sources contain no information about this [1-3].",
        "Empty Response",
    ],
)
def test_refusals_in_any_words(text):
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The model does not report lower scores [1].",  # a cited finding
        "The trial did not include women [1].",
        "No difference in mortality was found [2].",
        "Tides rise. Winds turn. The papers do not mention owls.",  # an answer with a gap
        "Tides rise.",
        "Earlier work did not report coherence above 67%, the new one reaches 99%.",
        "The method does not include fine-tuning.",
        "The dataset did not contain images.",
        "It is 42%.",
        "The papers do not say. It is 42%.",
        "I don't know. Vitamin D reduced the risk by a third.",
        "Women were affected more often than men. The abstracts don't mention this.",
        "We could not replicate the finding.",
        "Owls do not hunt by day.",
        "The classifier abstains on hard inputs.",
        "a" * 3000,
        "x",
        "42",
        "Seven.",
        "No.",
        "Kelp.",
        "In mice only.",
        "Less than half.",
    ],
)
def test_answers_are_not_refusals(text):
    assert not refuses(text)


def test_repeating_the_passages_is_not_a_refusal():
    found = "The authors could not find a difference between the two groups."
    assert not refuses(found, [Passage("p", f"We asked 40 people. {found}")])
