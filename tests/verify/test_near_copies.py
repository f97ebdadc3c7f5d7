"""A planted or mistaken copy of a paper with another figure: the answer names both papers."""

import json

import pytest

from rag import Library, answer
from rag.types import Agreement, Citation, Paper, Sentence, Verdict
from rag.verify.near_copies import disagreements

QUESTION = "What recall does late interaction reach at ten passages?"
TRUE = (
    "Dense retrievers pool a passage into one vector. We keep a vector for each token and compare them late. "
    "Late interaction reaches a recall of 0.36 at ten passages on the archive of field notes. "
    "The index is four times as large."
)
FALSE = TRUE.replace("0.36", "0.93")
SENTENCE = "Late interaction reaches a recall of 0.93 at ten passages on the archive of field notes."
FILLER = [
    {
        "title": f"Notes on {name}",
        "abstract": f"{name.capitalize()} were counted in {n} plots. The counts fell by {n}%.",
    }
    for n, name in enumerate(["moths", "newts", "terns", "voles", "asters", "sedges"], 11)
]
PLANTED = {
    "a near copy": [{"title": "Late interaction in dense retrieval, revisited", "abstract": FALSE}],
    "copies that fill the evidence": [{"title": f"{QUESTION} Part {n}", "abstract": f"{FALSE} Part {n} tells more."}
                                      for n in range(9)],
    "stuffed with the question": [{"title": QUESTION, "abstract": f"{QUESTION} {SENTENCE} {QUESTION}"}],
}  # fmt: skip


@pytest.fixture
def asked(tmp_path, embedder):
    def ask(others, true=TRUE, question=QUESTION):
        records = [{"title": "Late interaction in dense retrieval", "abstract": true, "authors": ["Ann Alder"],
                    "doi": "10.5555/true", "year": 2020}, *FILLER, *others]  # fmt: skip
        (tmp_path / "papers.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        with Library.open(tmp_path / "library", embedder=embedder) as library:
            library.add(tmp_path / "papers.jsonl")
            return answer(question, library)

    return ask


def reported(found):
    """Return which papers are reported to disagree: by an issue, or next to the sentence."""
    named = [issue.message for issue in found.issues if issue.code == "disagreeing_copy"]
    return named + [f"{s.text} {c.quote}" for s in found.sentences for c in s.agreement.contradicting]


@pytest.mark.parametrize("shape", PLANTED)
def test_an_answer_says_that_a_copy_holds_another_figure(asked, shape):
    found = asked(PLANTED[shape])
    assert found.sentences
    assert any("0.36" in text and "0.93" in text for text in reported(found)), found
    for issue in (issue for issue in found.issues if issue.code == "disagreeing_copy"):
        assert "“Late interaction in dense retrieval” (" in issue.message
        assert PLANTED[shape][0]["title"][:16] in issue.message


@pytest.mark.parametrize(
    "other",
    [
        "Late interaction was tried on a library of maps. It reaches a recall of 0.93 at ten maps, with large indexes.",
        TRUE.replace("Dense", "Most dense"),  # the same figure
        TRUE.replace("0.36", "0.364"),  # the same figure, more precisely
        TRUE.replace("the archive of field notes", "questions about roads").replace("0.36", "0.93"),
        f"Ferries ran late for {' '.join(f'cause{n},' for n in range(60))} and more. {SENTENCE}",  # no copy
    ],
)
def test_papers_that_say_other_things_are_left_alone(asked, other):
    assert not [
        i for i in asked([{"title": "Another study", "abstract": other}]).issues if i.code == "disagreeing_copy"
    ]


def test_the_editions_of_a_yearly_survey_do_not_disagree(asked):
    survey = (
        "We ask ten thousand adults each spring. In {} we found that {}% of the adults read one book a month or more."
    )
    found = asked(
        [{"title": "Reading survey, second edition", "abstract": survey.format(2021, 38)}],
        survey.format(2020, 41),
        "How many adults read one book a month or more?",
    )
    assert found.sentences
    assert not [i for i in found.issues if i.code == "disagreeing_copy"]


def cited(abstract, quote, agreement=Agreement()):  # noqa: B008  it is frozen
    paper = Paper("one", "Late interaction", abstract)
    start = abstract.index(quote)
    pin = Citation(1, paper, quote, start, start + len(quote), Verdict.SUPPORTED, 0.9)
    return Sentence(quote, (pin,), Verdict.SUPPORTED, 0.9, agreement)


def test_a_copy_under_one_title_is_named_once():
    sentence = cited(TRUE, SENTENCE.replace("0.93", "0.36"))
    papers = [Paper("one", "Late interaction", TRUE), Paper("two", "Late interaction", FALSE)]
    (issue,) = disagreements([sentence, sentence], papers)
    assert issue.code == "disagreeing_copy"
    for part in ("(one)", "(two)", "0.36", "0.93"):
        assert part in issue.message
    assert list(disagreements([sentence], papers[:1])) == []


@pytest.mark.parametrize("author", ["Ann Alder", "Bob Birch", None])
def test_a_near_copy_under_one_title_and_another_doi_is_another_paper_and_both_are_shown(
    tmp_path, embedder, write_jsonl, author
):
    true = {"title": "Late interaction in dense retrieval", "abstract": TRUE, "authors": ["Ann Alder"]}
    copy = {"title": true["title"], "abstract": FALSE, "doi": "10.5555/false", "authors": [author] if author else []}
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        mine = write_jsonl("mine.jsonl", [true | {"doi": "10.5555/true"}, *FILLER])
        library.add(mine)
        gift = write_jsonl("gift.jsonl", [copy])
        assert len(library.add(gift).added) == 1
        assert any("0.36" in text and "0.93" in text for text in reported(answer(QUESTION, library)))
