"""What a model may not add: addresses, identifiers, markup and pictures that no cited sentence has."""

from __future__ import annotations

import pytest

from rag.text.invented_content import without_foreign


@pytest.mark.parametrize(
    ("written", "left", "kind"),
    [
        ("Snow is deep ![x](https://e.invalid/p?q=a b) here.", "Snow is deep here.", "a picture"),
        ("Snow ![a[b]c](//1.2.3.4/x) is deep.", "Snow is deep.", "a picture"),
        ("Snow ![x][1] is deep.", "Snow is deep.", "a picture"),
        ("Snow is deep ![x](https://e.invalid/p?q=A.", "Snow is deep", "a picture"),
        (r"Snow \includegraphics[width=1cm]{a.png} is deep.", "Snow is deep.", "a picture"),
        ("See [this page](https://e.invalid) now.", "See this page now.", "a link"),
        ("[![x](u)](v) Snow is deep.", "Snow is deep.", "a link"),
        ("Snow <script>alert(1)</script>is <b>deep</b>.", "Snow is deep.", "HTML"),
        ("Snow <scr<b>ipt>alert(1)</scr</b>ipt>is deep.", "Snow is deep.", "HTML"),
        ("Snow is deep <img src=https://e.invalid/a.png", "Snow is deep", "HTML"),
        ("Snow is deep, www.e.invalid.", "Snow is deep,.", "a web address"),
        ("Snow is deep (ftp://e.invalid/x).", "Snow is deep.", "a web address"),
        ("Snow is deep: e.invalid/p?q=1 shows it.", "Snow is deep: shows it.", "a web address"),
        ("Snow is javascript:alert(1) deep.", "Snow is deep.", "a web address"),
        ("Snow is deep (doi:10.1000/xyz.12).", "Snow is deep.", "a DOI"),
        ("Ask a.b@c.example about snow.", "Ask about snow.", "an e-mail address"),
        (r"Snow is \textcolor{white}{very} deep.", "Snow is very deep.", "LaTeX"),
        (r"The $\beta$-cells of \textbf{40} mice.", "The $β$-cells of 40 mice.", "LaTeX"),
        ("Snow is **very** deep.", "Snow is very deep.", "Markdown"),
    ],
)
def test_foreign_text_is_removed_and_named_unless_it_is_cited(written: str, left: str, kind: str) -> None:
    text, taken = without_foreign(written, ["Snow is deep."])
    assert text == left
    assert kind in taken
    assert without_foreign(written, [written]) == (written, [])


def test_an_address_stays_where_a_cited_sentence_has_it_in_other_words() -> None:
    said = "The code is at https://a.example/code."
    assert without_foreign(said, ["Code (https://a.example/code) is free."]) == (said, [])


@pytest.mark.parametrize(
    "plain",
    [
        "The effect was 0.33 [0.1, 0.5] (p < 0.05) in CD4+ cells, e.g. wet/dry, and n <5.",
        "Values in [0, 1] (see 2) fell; note: data of 2**3 runs.",
    ],
)
def test_prose_of_science_stays(plain: str) -> None:
    assert without_foreign(plain, []) == (plain, [])


def test_controls_and_invisible_characters_go() -> None:
    assert without_foreign("\x1b]0;A\x07 snow\u202e is\u3164 de\u200bep", []) == ("]0;A snow is deep", [])
