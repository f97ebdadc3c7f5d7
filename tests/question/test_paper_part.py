"""Questions for a part of a paper as a whole, answered by the roles of its sentences."""

from __future__ import annotations

from rag.question.paper_part import asked_part, by_part
from rag.types import Evidence, Paper, Role
from rag.verify import default_embedder

CLAY = {
    Role.BACKGROUND: "Little is known of how clay holds water in summer.",
    Role.AIM: "We set out to learn whether lime changes that.",
    Role.METHOD: "Forty plots were limed, and forty were left alone.",
    Role.RESULT: "Limed plots held a third more water in July.",
    Role.CONCLUSION: "Farmers on clay should lime before dry years.",
}
MOTHS = {
    Role.AIM: "We asked whether moths avoid lamps.",
    Role.RESULT: "Moths avoided lamps on moonlit nights only.",
    Role.CONCLUSION: "Lamps do least harm at full moon.",
}


def evidence(*papers: tuple[str, dict[Role, str]]) -> list[Evidence]:
    items: list[Evidence] = []
    for title, said in papers:
        paper = Paper(title, title, " ".join(said.values()))
        for role, text in said.items():
            start = paper.abstract.index(text)
            items.append(Evidence(len(items) + 1, paper, start, start + len(text), text, 0.4, role, 0.1, 0.1))
    return items


LIBRARY = evidence(("Lime and the water of clay soils", CLAY), ("Moths under street lamps", MOTHS))


def best(question: str, items: list[Evidence] = LIBRARY) -> str:
    """Return the sentence that answers best, empty where none does better than before."""
    first = max(by_part(question, items, default_embedder()), key=lambda item: item.answers)
    return first.text if first.answers > 0.1 else ""


def test_the_part_asked_for_of_the_paper_described_answers():
    assert best("What did the paper on lime and clay conclude?") == CLAY[Role.CONCLUSION]
    assert best("What was the aim of the street lamps study?") == MOTHS[Role.AIM]
    assert best("How was the study of clay soils done?") == CLAY[Role.METHOD]
    assert best("main findings of the moth paper?") == MOTHS[Role.RESULT]
    assert best("why was the clay study needed") == CLAY[Role.BACKGROUND]


def test_a_follow_up_names_the_paper_in_brackets():
    assert best("What was the conclusion? (“Moths under street lamps”)") == MOTHS[Role.CONCLUSION]


def test_a_part_that_is_not_stated_is_answered_by_what_comes_nearest():
    unfinished = {role: text for role, text in CLAY.items() if role is not Role.CONCLUSION}
    assert (
        best("What did the clay paper conclude?", evidence(("Lime and the water of clay soils", unfinished)))
        == (CLAY[Role.RESULT])
    )


def test_what_asks_for_something_in_a_paper_is_left_to_the_reader():
    for question in (
        "How many plots were limed in the clay study?", "What is the purpose of lime?", "Do moths avoid lamps?",
        "Which plots held most water in the study of clay?", "What is clay?",
    ):  # fmt: skip
        assert asked_part(question, default_embedder()) is None, question
        assert best(question) == ""


def test_a_paper_that_is_not_there_gives_no_part():
    assert best("What did the paper on otters and rivers conclude?") == ""
    assert best("What did the paper conclude?") == ""


def test_a_question_longer_than_the_embedding_reads_is_left_to_the_reader():
    assert asked_part("What did the paper conclude? " * 80, default_embedder()) is None
