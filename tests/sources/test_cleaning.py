"""Markup becomes readable text once, and no figure is harmed by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sources.cleaning import clean


@pytest.mark.parametrize(
    "text",
    [
        "p < 0.05 and n > 30",
        "a<b and c>d",
        "from $5 to $7, then $20,000 and US$9",
        "we paid $5 and 10$ more",
        "$5k-$7k a year",
        "5% of 100%",
        "redshift z~3-7, rho ~ 0.2, ~5%",
        "log10(M*/M_sun)",
        "an input_size of 3_000 and x_1",
        "AT&T, R&D, Q&A;",
        r"C:\new\table",
        "f(x) = {x | x > 0}",
        "we mail user@example.org #1",
    ],
)
def test_plain_text_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        (r"the $S^3$ system", "the S^3 system"),
        (r"ScV$_6$Sn$_6$ and CO$_2$", "ScV₆Sn₆ and CO₂"),
        (r"$1.2 \times 10^{-15}$ FLOPs", "1.2 × 10^-15 FLOPs"),
        (r"$\sim$100 galaxies at $37^\circ$C", "∼100 galaxies at 37°C"),
        (r"an $\epsilon$-greedy rule with $\alpha \leq \frac{a+b}{2}$", "an ϵ-greedy rule with α ≤ (a+b)/2"),
        (r"$\mathcal{O}(n \log n)$", "O(n log n)"),
        (r"gains of 8\% at \$250M \& more", "gains of 8% at $250M & more"),
        (r"i.\,i.\,d. data, 5\,kg", "i.i.d. data, 5 kg"),
        (r"\textbf{L}azy {\it and} \emph{eager} ``scaling''", "Lazy and eager “scaling”"),
        (r"Erd\H{o}s, G\"odel, \'{E}cole, Fa{\c{c}}ade, \AA ngstr{\"o}m", "Erdős, Gödel, École, Façade, Ångström"),
        (r"learning~(RL), see Fig.~3", "learning (RL), see Fig. 3"),
        (r"masses of 10^{9.75}", "masses of 10^9.75"),
        ("p &lt; 0.05 &amp;amp; more &#181;m", "p < 0.05 & more µm"),
        ("<i>E. coli</i> makes CO<sub>2</sub> at 10<sup>-3</sup> M<br/>with <sup>18</sup>F", None),
        ("<jats:p>One.</jats:p><jats:p>Two.</jats:p>", "One. Two."),
        ("no&#8203;thing\u200b \u202ehidden\u202c \U000e0041here", "nothing hidden here"),
        ("Poincare\u0301\t in\r\n NFC", "Poincaré in NFC"),
        ("a lone \ud800 and a pair \ud83d\ude00", "a lone \ufffd and a pair \U0001f600"),
    ],
)
def test_markup_becomes_readable(text: str, readable: str | None) -> None:
    assert clean(text) == (readable or "E. coli makes CO₂ at 10^-3 M with 18F")


def test_bibtex_source() -> None:
    source = r"The {DNA} of {\"U}ber--cells {\it in vivo}: 5\% {$\alpha$} \& J.~Doe's x~y {\v{S}}i\v{s}ka"
    assert clean(source, latex=True) == "The DNA of Über–cells in vivo: 5% α & J. Doe's x y Šiška"


@given(st.text())
def test_any_text_is_cleaned_to_text_that_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert cleaned == " ".join(cleaned.split())


@given(st.lists(st.sampled_from(["$", "5", "%", "<", ">", " ", "~", "_", "^", "{", "}", "\\", "a", "10", "&", ";"])))
def test_digits_are_never_lost(pieces: list[str]) -> None:
    text = "".join(pieces)
    digits = [c for c in text if c.isdigit()]
    subscripts = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
    assert [c for c in clean(text).translate(subscripts) if c.isdigit()] == digits


def test_every_character_that_nothing_is_drawn_for_goes():
    for hidden in "\u3164\u2800\u17b4\U0001d173\ufe0f\U000e0100\u180b\uffa0\u200b\u2061":
        assert clean(f"Ig{hidden}nore") == "Ignore", hex(ord(hidden))
    assert clean("5\u2800000 of 9\u3164000") == "5 000 of 9 000"
    assert clean("⠓⠊⠀⠓⠊") == "⠓⠊⠀⠓⠊"


@pytest.mark.parametrize("label", ['"AUTHORS\' CONCLUSIONS"', "'AUTHORS CONCLUSIONS'", "CONCLUSIONS"])
def test_labels_of_pubmeds_parts_are_whole(label: str) -> None:
    text = f"<AbstractText Label={label} NlmCategory='CONCLUSIONS'>They fly.</AbstractText>"
    name = label if label.isalpha() else label[1:-1]
    assert clean(text) == f"{name}: They fly."
