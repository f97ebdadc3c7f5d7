"""Manuscripts made to keep a reader busy: each is read in time that grows with its length."""

import subprocess
import sys
import zipfile
from io import BytesIO

import docx
import pytest
from places import ROOT

from rag.__main__ import main
from rag.errors import SourceError
from rag.manuscript.opening import open_manuscript, with_references
from rag.sources.cleaning import clean
from rag.text.runs import LONGEST

# What a file of 40,000 characters consists of, by the ending of its name.
REPEATED = {
    "md": ["[@", "[@a; ", "[1", "[^", "![", "![](", "[a](", "<a ", "...", "?!", "$$", "`", "(Fell 2020; ", "@a "],
    "tex": ["\\begin{figure}", "\\[", "``", "$$", "\\cite{", "\\cite[", "cite", "\\bibitem[", "\\item[", "%", "...",
            "\\bibliography["],
    "txt": ["(Fell 2020", "[1,", "...", "?!", "A, B and ", "Fell, A. (2020). "],
}  # fmt: skip
LENGTH = 40_000
READ = """
import sys
from pathlib import Path
from rag.manuscript.opening import open_manuscript
for name in sys.argv[1:]:
    print(name, flush=True)
    open_manuscript(Path(name))
"""


@pytest.mark.parametrize("ending", [*REPEATED])
def test_a_file_of_one_thing_again_and_again_is_read(tmp_path, ending):
    files = []
    for number, piece in enumerate(REPEATED[ending]):
        files.append(tmp_path / f"{number}.{ending}")
        front = f"---\nbibliography: {'a' * LENGTH}\n---\n" if ending == "md" else "\\"
        files[-1].write_text(f"{front}A thicker sheet {piece * (LENGTH // len(piece))}x", encoding="utf-8")
    command = [sys.executable, "-c", READ, *map(str, files)]
    try:
        subprocess.run(command, cwd=ROOT, timeout=300, check=True, capture_output=True)
    except subprocess.TimeoutExpired as late:
        pytest.fail(f"still read: {late.stdout.decode().splitlines()[-1]}")


def test_a_long_run_of_full_stops_is_cut_on_the_way_in():
    assert clean("It grew" + "." * 100_000 + " Then it fell.") == "It grew" + "." * LONGEST + " Then it fell."


def test_environments_are_blanked_and_one_without_an_end_hides_nothing(tmp_path):
    file = tmp_path / "m.tex"
    file.write_text(
        "One cut dents \\cite{a}. \\begin{figure}Two \\cite{b}.\\end{figure} Three \\[ x \\cite{c} \\] $$y$$ "
        "four \\cite{d}. % five \\cite{e}\n\\begin{table}\nSix dents were cut \\cite{f}.\n\n\\[ Seven more \\cite{g}.",
        encoding="utf-8",
    )
    assert [one.keys for one in open_manuscript(file).passages if one.keys] == [("a",), ("d",), ("f",), ("g",)]


def test_a_word_document_whose_text_is_named_like_a_picture_is_refused_by_its_size(tmp_path):
    plain, made = BytesIO(), tmp_path / "m.docx"
    docx.Document().save(plain)
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name).replace(b"/word/document.xml", b"/word/document.png")
            content = content.replace(b'"word/document.xml"', b'"word/document.png"')
            if name == "word/document.xml":
                name, content = "word/document.png", content.replace(b"<w:body>", b"<w:body>" + b" " * 50_000_000)
            after.writestr(name, content)
    with pytest.raises(SourceError, match="unpacks to more than 50,000,000 bytes"):
        open_manuscript(made)


def test_no_entity_of_a_word_document_is_read_from_a_file(tmp_path):
    plain, made, secret = BytesIO(), tmp_path / "m.docx", tmp_path / "secret"
    secret.write_text("the secret", encoding="utf-8")
    docx.Document().save(plain)
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "word/document.xml":
                begin = content.index(b"<w:document")
                declared = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
                content = content[:begin] + declared + content[begin:]
                content = content.replace(b"<w:body>", b"<w:body><w:p><w:r><w:t>It is &x;.</w:t></w:r></w:p>")
            after.writestr(name, content)
    try:
        read = open_manuscript(made)
    except SourceError:
        return
    assert not [one for one in read.passages if "secret" in one.text]


ENTRY = "@article{k, title={Kelp at dusk and after}, abstract={Kelp grows at dusk. It rests at noon.}}"


@pytest.mark.parametrize("ending", ["tex", "md"])
def test_files_of_references_outside_its_folder_are_not_read_and_not_even_looked_for(tmp_path, ending):
    folder = tmp_path / "paper"
    folder.mkdir()
    (tmp_path / "secret.bib").write_text(ENTRY, encoding="utf-8")
    (folder / "own.bib").write_text(ENTRY, encoding="utf-8")
    (folder / "link.bib").symlink_to(tmp_path / "secret.bib")
    outside = [
        str(tmp_path / "secret.bib"), "../secret.bib", "link.bib", "../nothing.bib", str(tmp_path / "nothing.bib"),
        "a/../../secret.bib",
    ]  # fmt: skip
    odd = ["x" * 5_000 + ".bib", "~/secret.bib", "a\0b.bib", "nothing.bib"]
    file = folder / f"m.{ending}"
    names = [*outside, *odd, "own.bib"]
    file.write_text(
        f"Kelp grows \\cite{{k}}. \\bibliography{{{','.join(names)}}}"
        if ending == "tex"
        else f"---\nbibliography: [{', '.join(names)}]\n---\n\nKelp grows [@k].",
        encoding="utf-8",
    )
    found, files = with_references(open_manuscript(file, included=True))
    assert files == [folder / "own.bib"]
    unread = [note for note in found.notes if "isn't in the manuscript's folder" in note]
    assert [note.partition(": ")[0] for note in unread] == outside


def test_a_report_quotes_nothing_from_a_file_that_only_the_manuscript_names(tmp_path, capsys):
    (tmp_path / "paper").mkdir()
    (tmp_path / "secret.bib").write_text(ENTRY, encoding="utf-8")
    (tmp_path / "paper" / "own.bib").write_text(ENTRY.replace("{k,", "{o,").replace("Kelp", "Moss"), encoding="utf-8")
    file = tmp_path / "paper" / "m.tex"
    file.write_text(f"Kelp grows at dusk \\cite{{k}}. \\bibliography{{{tmp_path / 'secret'},own}}", encoding="utf-8")
    assert main(["check", str(file), "--json", "--html", str(tmp_path / "out.html")]) == 0
    told = capsys.readouterr().out + (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "rests at noon" not in told
    assert "name it with --bib" in told


def test_an_included_file_that_no_file_can_be_called_is_noted(tmp_path):
    (tmp_path / "m.tex").write_text(f"Kelp grows. \\input{{{'x' * 5_000}}}", encoding="utf-8")
    (note,) = open_manuscript(tmp_path / "m.tex", included=True).notes
    assert note.endswith("no file can have this name")
