from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rag import answer
from rag.chat import library_view, render
from rag.chat.markdown import described
from rag.chat.render import record_place
from rag.chat.turns import Conversation, State, Turn, Within
from rag.types import (
    Agreement,
    Answer,
    Citation,
    Conflict,
    Hit,
    IngestReport,
    Issue,
    Marked,
    Notice,
    Origin,
    Paper,
    Reason,
    Rejection,
    Sentence,
    Status,
    Verdict,
)
from rag.views.citation_signs import VERDICTS

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
    "section", "h1", "ul", "li", "header", "code", "em", "i", "form", "input", "label", "textarea", "time",
    "table", "thead", "tbody", "tr", "th", "td",
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


def shown(question, answer):
    return render.turn(Turn(1, 1, question, "library", State.DONE, answer))


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_is_shown_as_text_wherever_it_is(attack):
    paper = Paper("p", attack, f"{attack} ends.", authors=(attack,), venue=attack, doi=attack, url=f"http://x/{attack}")
    found = answered(attack, paper, cited(paper, 0, len(paper.abstract)))
    seen = Seen(shown(attack, replace(found, written_by=attack)))
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
            assert any(piece.sign for piece in source.stretches)


def test_a_verdict_is_shown_by_word_and_sign_and_not_by_colour_alone():
    paper = Paper("p", "T", "One holds. Two does not.")
    for verdict, sign in VERDICTS.items():
        html = shown("Q?", answered("One does hold.", paper, cited(paper, 0, 10, Verdict(verdict))))
        assert f'class="pin {verdict}"' in html
        assert f'aria-label="Source 1, {sign.label}: ' in html
        assert f">{sign.mark}</span>" in html


def test_papers_that_disagree_are_named_next_to_those_that_support():
    one, two = Paper("p", "One", "It works."), Paper("q", "Two", "It does not work.")
    against = cited(two, 0, 17, Verdict.CONTRADICTED, 2)
    found = answered("It works.", one, cited(one, 0, 9), agreement=Agreement(("p",), (against,)))
    seen = Seen(shown("Does it?", found)).text
    assert "1 paper supports, 1 disagrees" in seen
    assert "It does not work." in seen


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_not_an_answer_is_shown_as_text_too(attack):
    turn = Turn(1, 1, attack, attack, State.FAILED, problem=attack, within=Within(venue=attack))
    kept = [Conversation(attack, attack, attack, 1, (attack,))]
    done = IngestReport(
        rejected=(Rejection(f"/x/{attack}", attack, 1, attack),),
        cut=(Rejection(f"/x/{attack}", attack, 1, attack),),
        conflicts=(Conflict(attack, attack, Origin(attack, 1), Origin(attack, 2)),),
        marked=(Marked(attack, attack, Notice(attack, attack, attack)),),
    )
    hit = Hit(Paper("p", attack, attack), 1.0, "", 0, 0)
    declined = Answer(attack, Status.DECLINED, attack, nearest=(hit,), issues=(Issue("x", attack, attack),))
    parts = [
        render.turn(turn), render.page("conversations.html", kept=kept, words=attack, rated=1),
        library_view.report(done), shown(attack, declined),
        render.page("scope.html", within=Within(*[attack] * 6), problem=attack, passing=0, alone=[]),
        render.page(
            "scope.html", within=Within(*[attack] * 6), problem="", passing=0, alone=[((attack, attack), 0)] * 2
        ),
        render.page("refused.html", problem=attack, closes=True),
        render.page("welcome.html", size=1, examples=[attack], missing=True, recent=kept),
        render.page("leaves.html", model=attack, leaving=attack, checker=attack, checking=attack),
        render.page("address.html", conversation=attack),
    ]  # fmt: skip
    for part in parts:
        seen = Seen(part)
        assert seen.tags <= TAGS
        assert not [name for name in seen.attributes if name.startswith("on") or name == "style"]


def test_a_report_names_conflicts_and_new_notices_and_no_folder():
    used, other = Origin("/srv/My data/one.jsonl", 1), Origin("/srv/My data/two.jsonl", 3)
    notice = Notice("retraction", "Retraction: On wells", "/srv/My data/three.jsonl#2, matched by its title alone")
    many = tuple(Conflict(f"p{number}", f"On pump {number}", other, used) for number in range(101))
    done = IngestReport(
        conflicts=(Conflict("p", "On wells", other, used), *many), marked=(Marked("p", "On wells", notice),)
    )
    seen = " ".join(Seen(library_view.report(done)).text.split())
    assert "On wells two.jsonl#3 has a different abstract than one.jsonl#1, which stays in use." in seen
    assert "… and 2 more, in the report." in seen
    assert "Retracted, says three.jsonl#2, matched by its title alone" in seen
    assert "My data" not in seen
    hit = Hit(Paper("p", "On wells", "One holds.", notices=(notice,)), 1.0, "", 0, 0)
    offered = Seen(shown("Q?", Answer("Q?", Status.DECLINED, "", nearest=(hit,)))).text
    assert "(says three.jsonl#2, matched by its title alone)" in offered
    assert "My data" not in offered


def test_an_unsupported_sentence_says_so_in_words():
    paper = Paper("p", "T", "One holds.")
    seen = Seen(shown("Q?", answered("Two holds.", paper, cited(paper, 0, 10, Verdict.UNSUPPORTED)))).text
    assert "not supported" in seen


def test_a_failed_model_is_reported_and_the_answer_without_it_is_offered():
    paper = Paper("p", "T", "One holds.")
    spare = answered("One holds.", paper, cited(paper, 0, 10))
    failed = Answer(
        "Q?", Status.DECLINED, "The model failed.", reason=Reason.MODEL_UNAVAILABLE, written_by="ollama:x",
        issues=(Issue("model_unreachable", "no server at 127.0.0.1:1"),), fallback=spare,
    )  # fmt: skip
    seen = Seen(shown("Q?", failed))
    assert "no server at 127.0.0.1:1" in seen.text
    assert "Without a language model" in seen.text
    assert seen.text.count("One holds.") >= 2  # the sentence, and its place in the abstract


def test_a_citation_of_a_retracted_paper_and_its_note_warn():
    paper = replace(Paper("p", "T", "One holds."), notices=(Notice("retraction", "Retracted"),))
    found = answered("One holds.", paper, cited(paper, 0, 10))
    html = shown("Q?", replace(found, issues=(Issue("retracted_paper", paper.retraction, "One holds."),)))
    assert 'class="pin quoted retracted"' in html
    assert f'<p class="issue grave">{paper.retraction}' in html
    sound = Paper("p", "T", "One holds.")
    assert 'class="pin quoted"' in shown("Q?", answered("One holds.", sound, cited(sound, 0, 10)))


@pytest.mark.parametrize(
    ("said_by", "words"),
    [("bells.ris#24", "record 24 of bells.ris"), ("/srv/a#b.ris#2", "record 2 of a#b.ris"), ("Crossref", "Crossref")],
)
def test_a_record_is_named_in_words(said_by, words):
    assert record_place(said_by) == words


@pytest.mark.parametrize("said_by", ["", "notices.bib#1, by its title alone"])
def test_who_says_that_a_paper_was_retracted_is_written_wherever_the_paper_is(said_by):
    one = replace(Paper("p", "One", "It works."), notices=(Notice("retraction", "Retraction notice", said_by),))
    assert (said_by or "as its own record says") in described(one)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "Retracted"),
        ("RETRACTED: On wells", "Retracted"),
        ("Retraction: On Wells.", "Retracted"),
        ("Retracted", "Retracted"),
        ("Retracted: the data could not be verified", "Retracted: the data could not be verified"),
        ("faked images", "Retracted: faked images"),
        ("Retracted Publication", "Retracted"),  # PubMed's type of publication
    ],
)
def test_a_notice_says_only_what_its_name_and_the_title_do_not(text, shown):
    assert render.notice_line(Notice("retraction", text), "RETRACTED: On wells") == shown


def test_the_records_of_a_report_add_up_and_files_are_counted_apart():
    gone = Rejection("/x/notes.docx", "not a file of papers", 0, "")
    bare = Rejection("/x/a.ris", "no abstract", 7, "On wells")
    done = IngestReport(added=("p", "q"), without_abstract=(bare,), unreadable=(gone,), records=3)
    seen = " ".join(Seen(library_view.report(done)).text.split())
    assert "2 added, 1 skipped; 3 records read. 1 file couldn’t be read to the end." in seen
    assert "notes.docx" in seen


def test_why_nothing_was_added_is_read_without_a_click():
    gone = Rejection("/x/notes.docx", "not a file of papers", 0, "")
    assert "<details open><summary>What was skipped" in library_view.report(IngestReport(unreadable=(gone,)))
    some = IngestReport(added=("p",), unreadable=(gone,), records=1)
    assert "<details><summary>What was skipped" in library_view.report(some)


def test_an_empty_library_is_a_click_away_and_has_no_answer_to_rate():
    html = shown("Q?", Answer("Q?", Status.DECLINED, "No papers yet.", reason=Reason.NO_PAPERS))
    assert 'data-event="bring"' in html
    assert "Was this right?" not in html
    assert 'data-event="bring"' not in shown("Q?", Answer("Q?", Status.DECLINED, "No.", reason=Reason.LOW_RELEVANCE))


def test_an_answer_from_records_lists_its_papers_and_no_stances():
    paper = Paper("p", "On wells", "One holds.", year=2020, venue="Well News", authors=("Fell, Ada",))
    pin = Citation(1, paper, "", 0, 0, Verdict.SUPPORTED, 1.0, record="title: On wells. year: 2020.")
    sentence = Sentence("“On wells” is of 2020.", (pin,), Verdict.SUPPORTED, 1.0)
    html = shown("Q?", Answer("Q?", Status.ANSWERED, sentence.text, (sentence,), written_by="records"))
    assert "Table: 1 paper" in html
    assert 'data-label="Venue"' in html
    assert 'data-label="Stance"' not in html
    assert 'data-label="What it says"' not in html


def test_a_tip_names_the_paper():
    paper = Paper("p", "On wells", "One holds.", year=2020)
    html = shown("Q?", answered("One holds.", paper, cited(paper, 0, 10)))
    assert '<span class="by" dir="auto">On wells, 2020</span></span></button>' in html
