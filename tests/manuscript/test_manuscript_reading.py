"""Citations are found in every format, each with the sentence that it belongs to, at its place in the file."""

import pytest

from rag.errors import SourceError
from rag.manuscript import open_manuscript

MARKDOWN = """---
title: Bees
bibliography: [refs.bib, more.ris]
---

# Sleep of bees

Bees sleep less in cities [@fell2020; @moor2019, p. 3]. @lind2018 show that hives are *warm*. Ants do
not [@ant:1], but wasps do [see -@wasp]. Mail a@b.org, and see @fig-one or [a link](http://x).

- An item of a list [@item].

```python
@decorated  # [@not_cited]
```
<!-- nor [@here] -->
"""
LATEX = r"""\documentclass{article}
\begin{document}
\section{Sleep}
Bees sleep less in \emph{cities}~\citep[p.~3]{fell2020, moor2019}. % not \cite{this}
\citet{lind2018} show that 50\% of hives are warm. Moor et al.~\cite{moor2019} disagree. \nocite{all}
\begin{figure}x \cite{figure}\caption{Hives hum \cite{hum}.}\end{figure}
\begin{itemize}
\item Ants work \parencite{ant}.
\end{itemize}
\bibliography{refs,more}
\end{document}
Nothing here \cite{outside}.
"""
PLAIN = """Bees sleep less in cities (Fell et al., 2020; Moor and Lind, 2019a, b). Fell
et al. (2020) show that hives are warm. Ants do not sleep [3]. The value lies in [0, 1]. Others do.[1,2]
Wasps do too [1-3].

References
[1] Fell A, Moor B. Bees in cities. J Bees 2020. doi:10.1000/x
[2] Moor B, Lind C (2019a). Ants and their sleep in towns. J Ants.
[3] Zed Q. Sleepless ants. 2001.
"""


@pytest.fixture
def cited(tmp_path):
    def read(name, text):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        manuscript = open_manuscript(file)
        return manuscript, [(one.claim, one.keys) for one in manuscript.passages if one.keys]

    return read


def test_pandoc_keys_belong_to_their_sentences(cited):
    manuscript, found = cited("bees.md", MARKDOWN)
    assert found == [
        ("Bees sleep less in cities.", ("fell2020", "moor2019")),
        ("hives are warm.", ("lind2018",)),
        ("Ants do not, but wasps do.", ("ant:1", "wasp")),
        ("An item of a list.", ("item",)),
    ]
    assert manuscript.bibliography == ("refs.bib", "more.ris")


def test_latex_commands_belong_to_their_sentences(cited):
    manuscript, found = cited("bees.tex", LATEX)
    assert found == [
        ("Bees sleep less in cities.", ("fell2020", "moor2019")),
        ("50% of hives are warm.", ("lind2018",)),
        ("The authors disagree.", ("moor2019",)),
        ("Hives hum.", ("hum",)),
        ("Ants work.", ("ant",)),
    ]
    assert manuscript.bibliography == ("refs.bib", "more.bib")


def test_notes_are_sentences_of_their_own(cited):
    text = "Bees sleep [@a].[^1] Ants work [@b].\n\n[^1]: Hives are warm [@c].\n\n[link]: http://x\n"
    assert cited("notes.md", text)[1] == [
        ("Bees sleep.", ("a",)), ("Ants work.", ("b",)), ("Hives are warm.", ("c",)),
    ]  # fmt: skip
    text = "Bees\\footnote{Hives \\emph{are} warm \\cite{c}.} sleep \\cite{a}. Ants work \\cite{b}."
    assert cited("notes.tex", text)[1] == [
        ("Bees sleep.", ("a",)), ("Ants work.", ("b",)), ("Hives are warm.", ("c",)),
    ]  # fmt: skip


def test_what_shares_its_line_with_a_heading_is_read(cited):
    text = (
        r"\section{On \emph{sleep} \cite{no}} Bees sleep \cite{a}."
        "\n"
        r"\begin{abstract}Ants work \cite{b}.\end{abstract} \verb|\cite{no}| \subsection*{Warmth}\label{x}"
        r"Hives are warm \cite{c}."
    )
    assert cited("lines.tex", text)[1] == [
        ("Bees sleep.", ("a",)), ("Ants work.", ("b",)), ("Hives are warm.", ("c",)),
    ]  # fmt: skip


def test_included_files_are_read_where_they_stand_and_none_outside_the_folder(tmp_path):
    folder = tmp_path / "paper"
    (folder / "parts").mkdir(parents=True)
    (tmp_path / "secret.tex").write_text(r"Nobody knows \cite{secret}.", encoding="utf-8")
    (folder / "link.tex").symlink_to(tmp_path / "secret.tex")
    (folder / "parts" / "one.tex").write_text(
        "\n" r"Ants work \cite{b}. \input{parts/two.tex}\input{parts/one} Ants rest \cite{c}. \bibliography{more}",
        encoding="utf-8",
    )
    (folder / "parts" / "two.tex").write_text(r"Hives are warm \cite{d}.", encoding="utf-8")
    named = ("../secret", str(tmp_path / "secret.tex"), "link", "nothing")
    (folder / "main.tex").write_text(
        r"Bees sleep \cite{a}." "\n" r"\include{parts/one}" "\n" r"Wasps do not \cite{e}. % \input{parts/three}" "\n"
        + "".join(f"\\input{{{name}}}\n" for name in named) + r"\bibliography{refs}", encoding="utf-8",
    )  # fmt: skip
    found = open_manuscript(folder / "main.tex", included=True)
    assert [(one.place, one.keys) for one in found.passages] == [
        ("line 1", ("a",)), ("parts/one.tex, line 2", ("b",)), ("parts/two.tex, line 1", ("d",)),
        ("parts/one.tex, line 2", ("c",)), ("line 3", ("e",)),
    ]  # fmt: skip
    assert [one.number for one in found.paragraphs] == [1, 2, 3, 4, 5]
    assert [found.paragraphs[one.paragraph - 1].text[one.start : one.end] for one in found.passages] == [
        one.text for one in found.passages
    ]
    assert found.bibliography == ("refs.bib", "more.bib")
    reasons = {note.partition(": ")[0]: note.rpartition(": ")[2] for note in found.notes}
    assert reasons == {
        "parts/one": "it was included before", **dict.fromkeys(named[:3], "it isn't in the manuscript's folder"),
        "nothing": "no such file",
    }  # fmt: skip
    alone = open_manuscript(folder / "main.tex")
    assert len(alone.passages) == 2
    assert alone.notes[0] == "parts/one: included, and not read here: check it on its own"


def test_plain_text_cites_by_name_and_by_number(cited):
    manuscript, found = cited("bees.txt", PLAIN)
    assert found == [
        ("Bees sleep less in cities.", ("fell 2020", "moor 2019a", "moor 2019b")),
        ("hives are warm.", ("fell 2020",)),
        ("Ants do not sleep.", ("3",)),
        ("Others do.", ("1", "2")),
        ("Wasps do too.", ("1", "2", "3")),
    ]
    assert manuscript.references["2"].startswith("[2] Moor B, Lind C (2019a).")
    assert not any("Zed" in one.text for one in manuscript.passages), "an entry isn't a sentence of the manuscript"


def test_markdown_without_keys_cites_as_plain_text_does(cited):
    _, found = cited("bees.md", "Bees sleep less (*Fell et al.*, 2020).\n")
    assert found == [("Bees sleep less.", ("fell 2020",))]


@pytest.mark.parametrize(("name", "text"), [("bees.md", MARKDOWN), ("bees.tex", LATEX), ("bees.txt", PLAIN)])
def test_lines_and_columns_point_at_the_sentence(cited, name, text):
    manuscript, _ = cited(name, text)
    lines = text.split("\n")
    for one in manuscript.passages:
        assert lines[one.line - 1][one.column - 1 :].startswith(one.text.split()[0])
        assert lines[one.end_line - 1][: one.end_column - 1].endswith(one.text.split()[-1])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("bees.pdf", b"%PDF-1.4", "a manuscript ends in .md"),
        ("bees.md", b"\x00\x01\x02" * 50, "this is a binary file"),
        ("bees.txt", b"", "the file is empty"),
    ],
)
def test_what_is_no_manuscript_is_refused_by_name(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=says):
        open_manuscript(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"nowhere\.md: no such file"):
        open_manuscript(tmp_path / "nowhere.md")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("names.txt", "Aa Bb, " * 20_000 + "2020)"),
        ("brackets.md", "[" * 10_000 + "@a" + "]" * 10_000),
        ("years.txt", "(2020 " * 20_000),
        ("cites.tex", r"\cite[a]" * 20_000),
        ("comments.md", "<!--" * 20_000),
    ],
)
def test_odd_text_is_read_in_time_that_grows_with_it(cited, name, text):
    manuscript, _ = cited(name, text)
    assert manuscript.file.endswith(name)  # with names looked for before years, the first took hours
