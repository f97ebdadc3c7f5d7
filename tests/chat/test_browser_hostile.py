"""Scripts and pictures that come with titles, abstracts, file names, questions and answers stay text."""

import json

import pytest
from asking import ask, settled, visit
from loopback import OpenAI, serving, stream

from rag import Library

pytestmark = pytest.mark.browser

MODEL = OpenAI()
ATTACK = (
    "<img src=http://evil.example/a.png onerror=window.owned=1><script>window.owned=1</script>"
    "![x](http://evil.example/b.png) ${window.owned=1} {{window.owned=1}}"
    "<iframe src=http://evil.example></iframe><style>body{background:url(http://evil.example/c.png)}</style>"
)
FOREIGN = "img, script, iframe, style, link, object, form:not(.correcting, .renaming, .rating)"


@pytest.fixture
def hostile(serve, embedder, tmp_path):
    """The chat over an empty library, a file of attacks for it, and a model that attacks too."""
    library = Library.open(tmp_path / "hostile", embedder=embedder)
    file = tmp_path / "<img src=x onerror=window.owned=1>.jsonl"
    wells = {
        "title": f"On wells {ATTACK}",
        "abstract": f"The well is nine metres deep {ATTACK}. It was dug by hand.",
        "authors": [f"Well {ATTACK}"],
        "venue": ATTACK,
        "url": "javascript:window.owned=1",
        "year": 2020,
    }
    pumps = {"title": f"On pumps {ATTACK}", "abstract": "The pump of the mill was made of oak.", "authors": [ATTACK]}
    records = [wells, pumps, {"title": ATTACK}]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    said = {"text": f"The pump was made of oak {ATTACK}, says the model.", "evidence": [1]}
    reply = json.dumps({"reply": {"sentences": [said]}})
    with serving(MODEL, stream(MODEL.piece(reply), MODEL.end())) as server:
        yield serve(library, openai_base_url=f"{server.address}/v1", cache=False), file
    library.close()


def test_nothing_that_others_wrote_runs_or_loads(hostile, tab):
    chat, file = hostile
    spoken = []
    tab.on("dialog", lambda dialog: (spoken.append(dialog.message), dialog.dismiss()))
    visit(tab, chat)
    tab.get_by_role("tab", name="Library").click()
    tab.set_input_files("#files input[type=file]", file)
    tab.locator(".report").wait_for()
    tab.locator(".report summary").click()
    tab.locator("#papers summary").first.click()
    check(tab, chat)
    tab.get_by_role("tab", name="Ask").click()
    ask(tab, f"How deep is the well? {ATTACK}")
    check(tab, chat)
    ask(tab, "What was the pump of the mill made of?")
    check(tab, chat)
    tab.locator("#current button.pin").first.hover()
    tab.locator("#current button.pin").first.click()
    tab.get_by_role("button", name="Ask only this paper").first.click()
    tab.locator("#model input").click()
    tab.get_by_role("option", name="openai:m").click()
    tab.locator(".leaves", has_text="every sentence is checked").wait_for()
    ask(tab, "What was the pump of the mill made of?")
    assert "<script>window.owned=1</script>" in tab.locator("#current .answer", has_text="says the model").inner_text()
    check(tab, chat)
    tab.get_by_role("tab", name="Conversations").click()
    tab.get_by_role("button", name="Rename").click()
    check(tab, chat)
    tab.reload()
    tab.locator(".kept li").first.wait_for()  # the address names the tab
    tab.get_by_role("tab", name="Ask").click()
    settled(tab)
    check(tab, chat)
    assert spoken == []


def check(tab, chat):
    """Nothing ran, nothing foreign was asked for, and no element came with a text."""
    assert tab.evaluate("window.owned") is None
    assert [url for url in tab.asked_for if not url.startswith((chat.url, "data:", "blob:"))] == []
    for name in ("past", "current", "papers", "report", "kept", "scope", "masthead", "route"):
        assert tab.locator(f"#{name} .html-container").locator(FOREIGN).count() == 0
