"""A manuscript dropped on the page: whose it is, what it may name, and what stays of it."""

import json
import zipfile

import pytest
from attacker import Attacker, secret_file

from rag import Library
from rag.chat import manuscript_tab

PASSWORD = "a long password"


@pytest.fixture
def library(embedder, tmp_path, write_jsonl):
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(write_jsonl("one.jsonl", [{"title": "On wells", "abstract": "The well is nine metres deep."}]))
        yield library


@pytest.fixture
def closed(serve, library):
    return serve(library, auth=lambda _name, password: password == PASSWORD)


@pytest.fixture
def ada(closed):
    yield from visitor(closed, "ada")


@pytest.fixture
def eve(closed):
    yield from visitor(closed, "eve")


def visitor(chat, name):
    person = Attacker(chat.url)
    assert person.web.post("/login", data={"username": name, "password": PASSWORD}).status_code == 200
    yield person
    person.web.close()


def drop(person, **files):
    """Upload files, and have the box of manuscripts see them; return what the page says."""
    sent = [("files", (name.replace("__", "."), content)) for name, content in files.items()]
    names = person.send("POST", "/gradio_api/upload", files=sent).json()
    return checked(person, [as_file(name) for name in names])


def as_file(name):
    return {"path": name, "orig_name": "a", "meta": {"_type": "gradio.FileData"}}


def event_of(config):
    named = {c["id"]: c["props"].get("elem_id") for c in config["components"]}
    return next(d for d in config["dependencies"] if [named.get(t[0]) for t in d["targets"]] == ["manuscript"])


def checked(person, files):
    person.received.clear()
    person.call(event_of(person.config()), [files, "library"])
    return "\n".join(person.received)


def test_it_is_checked_for_the_person_who_brought_it_alone_and_nothing_of_it_stays(ada, eve, tmp_path):
    names = ada.send("POST", "/gradio_api/upload", files=[("files", ("a.md", b"The well is deep [@w]."))]).json()
    event = event_of(eve.config())
    assert eve.call(event, [[as_file(names[0])], "library"]).status_code == 403
    assert "ou have no such uploaded file" in checked(eve, names)
    received = checked(ada, [as_file(names[0])])
    assert "not-in-library" in received
    assert str(tmp_path) not in received
    assert list((tmp_path / "data" / "uploads").rglob("*.md")) == []


@pytest.mark.parametrize("form", ["---\nbibliography: {}\n---\nThe well is deep [@w].", "The well [@w].\n\n{}"])
def test_what_a_manuscript_names_on_the_server_is_not_opened(ada, tmp_path, form):
    file, secret = secret_file(tmp_path)
    received = drop(ada, a__md=form.format(file).encode())
    assert "not-in-library" in received
    assert secret not in received


def test_its_notes_and_problems_name_no_folder(ada, tmp_path):
    received = drop(
        ada, a__md=b"The well is deep [@w].", refs__json=json.dumps([{"title": ""}, {"title": "On"}]).encode()
    )
    assert "refs.json" in received
    received += drop(ada, refs__json=b"[]") + drop(ada, a__md=b"x", b__tex=b"y") + drop(ada, a__docx=b"no archive")
    for words in ("no manuscript among them", "are several manuscripts", "t a Word document"):
        assert words in received
    assert str(tmp_path) not in received


def test_a_document_that_unpacks_to_too_much_and_a_text_that_is_too_long_are_refused(ada, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "large.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" * 20_000_000)
    assert "take the pictures out" in drop(ada, a__docx=(tmp_path / "large.docx").read_bytes())
    monkeypatch.setattr(manuscript_tab, "MOST_SENTENCES", 3)
    assert "has 4 sentences, and the page checks 3 at once" in drop(ada, a__md=b"The well is very deep [@w]. " * 4)
