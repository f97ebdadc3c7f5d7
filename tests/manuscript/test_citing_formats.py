"""Each way of citing, in each format: every citing sentence is found, with its papers and its own claim."""

import pytest

from rag.library import Library
from rag.manuscript import References, open_manuscript
from rag.manuscript.cited_papers import Resolver

TEX = [
    (r"Bees rest \citep[see][p.~3]{a,b}.", "Bees rest.", "a b"),
    (r"Bees rest \citep[e.g.,][]{a}, i.e.\ at night.", "Bees rest, i.e. at night.", "a"),
    (r"\textcite{a} shows that bees rest.", "bees rest.", "a"),
    (r"\citeauthor{a} \citeyearpar{a} report that bees rest.", "bees rest.", "a"),
    (r"Kaplan et al.\ (\citeyear{a}) disagree.", "The authors disagree.", "a"),
    (r"Bees rest (see \citealp{a} for a review).", "Bees rest.", "a"),
    (r"Bees rest \parencites[see][1]{a}[2]{b}.", "Bees rest.", "a b"),
    (r"Bees rest \cite{a} and \cite{b}.", "Bees rest.", "a b"),
    (r"As shown in~\cite{a}, bees rest.", "As shown in the authors, bees rest.", "a"),
    (r"\cite{a} showed that bees rest.", "bees rest.", "a"),
    (r"\enquote{Bees rest}, as Table~\ref{f} has it \footcite[12]{a}.", "Bees rest, as Table has it.", "a"),
    (r"\textcquote[5]{a}{Bees rest}.", "Bees rest.", "a"),
    (r"\textquote[{\cite[5]{a}}]{Bees rest}.", "Bees rest.", "a"),
    (r"\begin{figure}\includegraphics{x}\caption[Short]{Bees \emph{rest} \cite{a}.\label{x}}\end{figure}",
     "Bees rest.", "a"),
    (r"\begin{table*}\caption{Bees rest \cite{a}.}\begin{tabular}{l}x\end{tabular}\end{table*}", "Bees rest.", "a"),
    (r"\begin{tabular}{ll}\hline Ants & 3 \\[2pt] Bees & rest \cite{a} \\ \hline\end{tabular}", "Bees, rest", "a"),
    (r"Bees rest \parencites(see)()[2]{a}[3]{b}.", "Bees rest.", "a b"),
    (r"Bees rest \volcite{2}{a}.", "Bees rest.", "a"),
    (r"Ants\footnote{Bees rest \cite{a}.} work.", "Bees rest.", "a"),
    (r"\captionof{figure}{Bees rest \cite{a}.}", "Bees rest.", "a"),
    (r"\begin{quote}{\small Bees rest \cite{a}.}\end{quote}", "Bees rest.", "a"),
    (r"\todo{Ask \cite{b}.} Bees rest\nocite{b} \cite{a}. \newcommand{\x}[1]{\footnote{#1 \cite{b}}}",
     "Bees rest.", "a"),
]  # fmt: skip
MARKDOWN = [
    ("Fell [-@a, p. 3] reports that bees rest.", "Fell reports that bees rest.", "a"),
    ("@a [p. 3] reports that bees rest.", "bees rest.", "a"),
    ("Bees rest [see @a, ch. 2; @b, pp. 33-35 and *passim*].", "Bees rest.", "a b"),
    ("[@a] showed that bees rest.", "bees rest.", "a"),
    ("Ants work.^[Bees rest [@a].] Wasps too.", "Bees rest.", "a"),
    ("![Bees rest [@a].](bees.png){#fig-b}", "Bees rest.", "a"),
    (": Bees rest [@a].", "Bees rest.", "a"),
    ("Bee\n:   Bees rest [@a].", "Bees rest.", "a"),
    ("> Ants work.\n> Bees rest [@a].", "Bees rest.", "a"),
    ("Ants work. **Bees** rest [@a].", "Bees rest.", "a"),
    ("Bees rest (see @a).", "Bees rest.", "a"),
    ("Bees rest in `x@y @no` [@a].", "Bees rest in x@y @no.", "a"),
    ("Bees rest. {{< pagebreak >}} [@a]", "Bees rest.", "a"),
    ("In the U.S., bees rest [@a].", "In the U.S., bees rest.", "a"),
    ("@a and @b show that bees rest.", "bees rest.", "a b"),
    ("| Who | What |\n|---|---|\n| Ants | work |\n| Bees | rest [@a] |", "Bees, rest", "a"),
    ("+---+---+\n| Bees | rest [@a] |\n+---+---+", "Bees, rest", "a"),
    ('```{r}\n#| label: fig-b\n#| fig-cap: "Bees rest [@a]."\nx <- "@b"\n```', "Bees rest.", "a"),
    ("```{r}\n#| fig-cap: >\n#|   Bees rest [@a].\n#| echo: false\nx <- 1\n```", "Bees rest.", "a"),
    ("```{r}\n#| fig-cap: >\nx <- '@b'\n```\n\nBees rest [@a].", "Bees rest.", "a"),
]

NUMBERED = """
1. Fell A, Moor B. Bees in cities. J Bees. 2020;3:1-9.
2. Moor B. Ants. J Ants. 2019.
3. Zed Q. Sleepless ants. 2001.
4. Lind C. Hives. 2018.
"""
BY_NUMBER = [
    ("Bees rest [1]. Ants work.", "Bees rest.", "1"),
    ("Bees rest [1, 3–4].", "Bees rest.", "1 3 4"),
    ("Bees rest [1],[3].", "Bees rest.", "1 3"),
    ("Bees rest [2]–[4].", "Bees rest.", "2 3 4"),
    ("Bees rest [4, p. 3].", "Bees rest.", "4"),
    ("Bees rest.1,2 Ants work.", "Bees rest.", "1 2"),
    ("Bees rest.³ Ants work.", "Bees rest.", "3"),
    ("Bees rest^1,2^ at night.", "Bees rest at night.", "1 2"),
    ("Bees rest<sup>3</sup>.", "Bees rest.", "3"),
    ("As shown in [1] and [4], bees rest.", "As shown in the authors, bees rest.", "1 4"),
    ("Fell et al. [1] show that bees rest.", "bees rest.", "1"),
    ("Bees rest for 2 [1-3] hours [4].", "Bees rest for 2 [1-3] hours.", "4"),
    ("Bees of 3 kg/m³ rest, R² = 2, Fig.1 as well [1].", "Bees of 3 kg/m³ rest, R² = 2, Fig.1 as well.", "1"),
]
LISTED = """
Fell, A., Moor, B., & Lind, C. (2020a). Bees in cities. Journal of Bees, 3, 1-9.
Fell, A., Moor, B., & Lind, C. (2020b). Hives at night. Journal of Bees, 4, 1-9.
World Health Organization. (2020). Masks.
van der Berg, K. (1999). Moths.
Jared Kaplan, Sam McCandlish, and Tom Henighan. 2020. Scaling laws. arXiv:2001.08361.
Smith, A. (2010). Sales. J Sales.
O’Hara, M. and Lind, C. (in press). Wax. J Bees.
Moor, B. (n.d.). A page on ants.
"""
BY_NAME = [
    ("Bees rest (Fell et al., 2020a, b; Smith 2010, p. 12).", "Bees rest.", "fell 2020a|fell 2020b|smith 2010"),
    ("Bees rest (see Fell\n  et al., 2020a; cf. van der Berg, 1999).", "Bees rest.", "fell 2020a|berg 1999"),
    ("Fell, Moor and Lind (2020a) show that bees rest.", "bees rest.", "fell 2020a"),
    ('As Smith (2010, p. 4) put it, "bees rest".', 'As the authors put it, "bees rest".', "smith 2010"),
    ("According to Smith and colleagues (2010), bees rest.", "According to the authors, bees rest.", "smith 2010"),
    ("Smith, A. (2010) shows that bees rest.", "bees rest.", "smith 2010"),
    ("Smith (2010; see also Fell et al., 2020b) reports that bees rest.", "bees rest.", "smith 2010|fell 2020b"),
    ("Bees rest (World Health Organization, 2020).", "Bees rest.", "organization 2020"),
    ("Bees rest (Kaplan et al. 2020).", "Bees rest.", "kaplan 2020"),
    ("Ants work. (Smith, 2010) found that bees rest.", "bees rest.", "smith 2010"),
    (
        "Bees rest (for 12 hours of a cold night; Smith, 2010).",
        "Bees rest (for 12 hours of a cold night).",
        "smith 2010",
    ),
    ("Bees rest (World Health Organization [WHO], 2020).", "Bees rest.", "organization 2020"),
    ("Bees rest (O’Hara & Lind, in press; Moor, n.d.).", "Bees rest.", "o'hara in press|moor n.d."),
    ("Smith's (2010) model of bees rests.", "The authors model of bees rests.", "smith 2010"),
]


def read(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    found = open_manuscript(folder / name).passages
    return [(one.claim, " ".join(one.keys)) for one in found if one.keys]


@pytest.mark.parametrize(("text", "claim", "keys"), TEX)
def test_latex(tmp_path, text, claim, keys):
    assert read(tmp_path, "m.tex", f"\\begin{{document}}\n{text}\n\\end{{document}}\n") == [(claim, keys)]


@pytest.mark.parametrize(("text", "claim", "keys"), MARKDOWN)
@pytest.mark.parametrize("ending", ["md", "qmd"])
def test_markdown(tmp_path, ending, text, claim, keys):
    assert read(tmp_path, f"m.{ending}", f"---\ntitle: x\n---\n\n{text}\n") == [(claim, keys)]


def test_a_file_that_quarto_includes_is_read_in_its_place(tmp_path):
    (tmp_path / "_part.qmd").write_text("Ants work [@b].\n", encoding="utf-8")
    (tmp_path / "m.qmd").write_text(
        "Bees rest [@a].\n\n{{< include _part.qmd >}}\n\nWasps hum [@c].\n", encoding="utf-8"
    )
    found = open_manuscript(tmp_path / "m.qmd", included=True)
    assert [(one.place, one.keys) for one in found.passages] == [
        ("line 1", ("a",)), ("_part.qmd, line 1", ("b",)), ("line 5", ("c",)),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "claim", "keys"), BY_NUMBER)
@pytest.mark.parametrize("ending", ["txt", "md"])
def test_numbers_of_a_list(tmp_path, ending, text, claim, keys):
    assert read(tmp_path, f"m.{ending}", f"{text}\n\n## References\n{NUMBERED}") == [(claim, keys)]


@pytest.mark.parametrize(("text", "claim", "keys"), BY_NAME)
@pytest.mark.parametrize("ending", ["txt", "md"])
def test_names_and_years(tmp_path, ending, text, claim, keys):
    entries = LISTED if ending == "txt" else LISTED.replace("\n", "\n- ").removesuffix("- ")
    found = read(tmp_path, f"m.{ending}", f"{text}\n\n## References\n{entries}")
    assert found == [(claim, keys.replace("|", " "))]


def test_markup_within_a_citation_parts_nothing(tmp_path):
    text = (
        "Bees rest (Fell *et al.*, 2020). Moor and Lind ([2019](http://x.org)) show that ants work. Wasps hum \\[1\\]."
    )
    text += " **Zed (2001)** disagrees ([Fell et al., 2020](https://doi.org/10.1/x)).\n\n1. Zed Q. Ants. 2001.\n"
    assert read(tmp_path, "m.md", text) == [
        ("Bees rest.", "fell 2020"), ("ants work.", "moor 2019"), ("Wasps hum.", "1"),
        ("The authors disagrees.", "zed 2001 fell 2020"),
    ]  # fmt: skip


def test_a_note_that_is_a_reference_is_a_citation(tmp_path):
    text = "Bees rest.[^1] Ants work.[^b]\n\n[^1]: Zed Q. Sleepless ants. 2001.\n[^b]: In the dark.\n"
    assert read(tmp_path, "m.md", text) == [("Bees rest.", "^1")]
    assert open_manuscript(tmp_path / "m.md").references["^1"] == "Zed Q. Sleepless ants. 2001."


def test_two_entries_with_one_name_and_year_are_not_taken_for_each_other(tmp_path):
    text = "Bees rest (Smith, 2010).\n\nReferences\n\nSmith, A. (2010). Bees.\nSmith, B. (2010). Ants.\n"
    assert read(tmp_path, "m.txt", text) == [("Bees rest.", "smith 2010")]
    entries = open_manuscript(tmp_path / "m.txt").references
    with Library.open(tmp_path / "none") as library:
        found = Resolver(library, References(), entries)("smith 2010")
    assert found.why.startswith("several entries of the list of references have this name and year")


LETTERED = """
[FM20] A. Fell and B. Moor. Bees in cities. J Bees, 2020.

[LOQ+21a] C. Lind, D. Orr, E. Quist, and others. Hives at night. J Bees, 2021.
"""


@pytest.mark.parametrize(
    ("text", "claim", "keys"),
    [
        ("Bees rest [FM20, LOQ+21a].", "Bees rest.", "FM20 LOQ+21a"),
        ("As [FM20] show, bees rest.", "As the authors show, bees rest.", "FM20"),
        ("Bees rest in [AB12] boxes [FM20, p. 3].", "Bees rest in [AB12] boxes.", "FM20"),
    ],
)
def test_labels_of_letters_and_years(tmp_path, text, claim, keys):
    assert read(tmp_path, "m.txt", f"{text}\n\nReferences\n{LETTERED}") == [(claim, keys)]


def test_numbers_in_round_brackets_are_citations_where_the_manuscript_cites_so(tmp_path):
    text = (
        "Bees rest (1). Ants work (2, 3). They were 54 (4) days old. Two groups: (1) bees and (2) ants. "
        "Hives hum (2–4).\n\nReferences\n"
    )
    found = [("Bees rest.", "1"), ("Ants work.", "2 3"), ("Hives hum.", "2 3 4")]
    assert read(tmp_path, "m.txt", text + NUMBERED) == found
    assert read(tmp_path, "m.md", text.replace("References", "# References") + NUMBERED) == found
    other = "Bees rest [1, 3, 4]. Ants work [2]. In the second group (2) all slept.\n\nReferences\n"
    assert [keys for _, keys in read(tmp_path, "m.txt", other + NUMBERED)] == ["1 3 4", "2"]


def test_an_equation_is_no_citation_where_numbers_in_round_brackets_are(tmp_path):
    text = (
        "Bees rest (1). Ants work (2, 3). Equation (2) gives their rest. It grows by Equation (1). DNA tells (4). "
        "Bees have DNA (2).\n\nReferences\n"
    )
    found = [("Bees rest.", "1"), ("Ants work.", "2 3"), ("DNA tells.", "4"), ("Bees have DNA.", "2")]
    assert read(tmp_path, "m.txt", text + NUMBERED) == found


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("m.txt", f"Bees rest {{1}}. Ants work [2-4].\n\nReferences\n{NUMBERED}", "1 of the 4 entries"),
        ("m.md", "# On bees [@a]\n\nBees rest [@b].\n", "a (line 1)"),
        ("m.tex", "\\begin{document}Bees rest \\cite{b}.\n\\[ x \\text{\\cite{a}} \\]\\end{document}", "a (line 2)"),
    ],
)
def test_a_citation_that_is_not_read_is_said(tmp_path, name, text, said):
    (tmp_path / name).write_text(text, encoding="utf-8")
    notes = open_manuscript(tmp_path / name, included=True).notes
    assert len(notes) == 1
    assert said in notes[0]


def test_a_manuscript_of_which_all_was_read_has_no_notes(tmp_path):
    (tmp_path / "m.txt").write_text(f"Bees rest [1-4].\n\nReferences\n{NUMBERED}", encoding="utf-8")
    assert open_manuscript(tmp_path / "m.txt", included=True).notes == ()
