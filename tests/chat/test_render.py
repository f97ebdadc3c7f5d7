from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rag import answer
from rag.chat import render
from rag.types import Agreement, Answer, Citation, Paper, Sentence, Status, Verdict

ATTACKS = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "![x](http://evil.example/x.png)",
    "</mark></details><iframe src=http://evil.example>",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "&lt;script&gt;",
]
TAGS = {
    "article", "h2", "div", "p", "span", "button", "b", "q", "aside", "h3", "details", "summary", "mark", "a",
    "section", "h1", "ul", "li", "header", "code",
}  # fmt: skip


class Seen(HTMLParser):
    """What a browser would make of it: tags, attributes, and the text with all escapes undone."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def cited(paper, start, end, verdict=Verdict.SUPPORTED, number=1):
    return Citation(number, paper, paper.abstract[start:end], start, end, verdict, 0.9)


def answered(text, paper, *pins, **more):
    sentence = Sentence(text, pins, pins[0].verdict, 0.9, **more)
    return Answer("A question?", Status.ANSWERED, text, (sentence,))


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_is_shown_as_text_wherever_it_stands(attack):
    paper = Paper("p", attack, f"{attack} ends.", authors=(attack,), venue=attack, doi=attack, url=f"http://x/{attack}")
    found = answered(attack, paper, cited(paper, 0, len(paper.abstract)))
    seen = Seen(render.turn(1, attack, replace(found, written_by=attack)))
    assert seen.tags <= TAGS
    assert not [name for name in seen.attributes if name.startswith("on") or name == "style"]
    assert seen.text.count(attack) >= 5  # question, sentence, title, authors and venue, abstract


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)", "//evil", "http://[x"]
)
def test_only_addresses_of_the_web_become_links(url):
    assert render.links(Paper("p", "T", "A.", url=url)) == ()


def test_the_pieces_of_an_abstract_are_the_abstract(demo_library):
    for question in ("What is emergence?", "Is it a mirage?", "Which metric?"):
        for source in render.sources(answer(question, demo_library).sentences):
            assert "".join(piece.text for piece in source.stretches) == source.paper.abstract
            assert any(piece.verdict for piece in source.stretches)


def test_a_verdict_is_told_by_word_and_sign_and_not_by_colour_alone():
    paper = Paper("p", "T", "One holds. Two does not.")
    for verdict, sign in render.SIGNS.items():
        html = render.turn(1, "Q?", answered("One holds.", paper, cited(paper, 0, 10, verdict)))
        assert f'class="pin {verdict}"' in html
        assert f'aria-label="Source 1, {verdict}: ' in html
        assert f">{sign}</span>" in html


def test_papers_that_disagree_are_named_beside_those_that_support():
    one, two = Paper("p", "One", "It works."), Paper("q", "Two", "It does not work.")
    against = cited(two, 0, 17, Verdict.CONTRADICTED, 2)
    found = answered("It works.", one, cited(one, 0, 9), agreement=Agreement(("p",), (against,)))
    seen = Seen(render.turn(1, "Does it?", found)).text
    assert "1 supports, 1 disagrees" in seen
    assert "It does not work." in seen
