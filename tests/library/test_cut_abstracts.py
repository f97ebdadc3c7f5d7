"""Snippets of abstracts, as searches send them: the paper is kept, and the report of the add says that it is cut."""

import json

import pytest
from counting import CountingEmbedder

from rag import Library
from rag.commands.library import _say_report
from rag.text.cut_texts import where_cut

WHOLE = "We followed 340 moths at dusk. Scent halved the time of their search."
CUT = WHOLE[:52]
FORMS = {
    "jsonl": lambda text: json.dumps({"title": "Moths at dusk and scent", "abstract": text}),
    "csv": lambda text: f'title,abstract\nMoths at dusk and scent,"{text}"\n',
    "ris": lambda text: f"TY  - JOUR\nTI  - Moths at dusk and scent\nAB  - {text}\nER  - \n",
    "bib": lambda text: f"@article{{a, title = {{Moths at dusk and scent}}, abstract = {{{text}}}}}",
    "nbib": lambda text: f"PMID- 1\nTI  - Moths at dusk and scent\nAB  - {text}\nFAU - Fell, Ada\n",
    "enw": lambda text: f"%0 Journal Article\n%T Moths at dusk and scent\n%X {text}\n",
    "json": lambda text: json.dumps([{"itemType": "journalArticle", "title": "Moths at dusk", "abstractNote": text}]),
}


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        yield library


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ["…", "...", " [...]", " …", "\u2026 Read more"])
def test_a_snippet_is_kept_and_reported_in_every_format(library, tmp_path, form, end):
    path = tmp_path / f"export.{form}"
    path.write_text(FORMS[form](CUT + end), encoding="utf-8")
    report = library.add(path)
    assert len(report.added) == 1
    (cut,) = report.cut
    assert (cut.file, cut.title) == (str(path), library.papers()[0].title)
    assert "the abstract ends with dots, so it isn't whole" in cut.reason
    path.write_text(FORMS[form](WHOLE), encoding="utf-8")
    assert not library.add(path).cut
    assert library.papers()[0].abstract == WHOLE


def test_the_shell_names_the_papers_whose_abstracts_are_cut(library, write_jsonl, capsys):
    report = library.add(write_jsonl("hits.jsonl", [{"title": "Moths at dusk", "abstract": f"{CUT} ..."}]))
    _say_report(report, 1)
    assert "cut: " in (said := capsys.readouterr().out)
    assert "“Moths at dusk”: the abstract ends with dots" in said
    assert "1 cut" in repr(report)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"{CUT} …", "ends"), (f"{CUT}....", "ends"), (f"{CUT} (…)", "ends"), (f"{CUT}. . .", "ends"),
        (f"“{CUT}…”", "ends"),
        (f"{CUT} (ABSTRACT TRUNCATED AT 250 WORDS)", "ends"), (f"{CUT}… Show more", "ends"), (f"… {WHOLE}", "begins"),
        (f"...{WHOLE}", "begins"), (f"[…] {WHOLE}", "begins"), ("我们跟踪了340只飞蛾……", "ends"),
        (WHOLE, ""), ("We ask: … or not? It is.", ""), ("Moths etc.", ""),
        ("To fly... or to rest, we asked them all.", ""),
        ("", ""), ("The sum 1 + 2 + … + n is known.", ""),
    ],
)  # fmt: skip
def test_dots_at_the_end_or_the_beginning_say_that_a_text_is_cut(text, where):
    assert where_cut(text) == where
