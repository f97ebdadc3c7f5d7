"""Records that are long, many-authored, right to left or marked: in every format that can be written."""

# ruff: noqa: E501 - an abstract stays on one line

from pathlib import Path

import pytest

from rag.bibliography.export import exported
from rag.sources import read
from rag.sources.notice_fields import title_notices
from rag.sources.sections import find_sections
from rag.types import Paper, Record

LONG = " ".join(f"Sentence {n} of the longest abstract tells about moth {n}." for n in range(2_300))
UGLY = {
    "a 20,000-word abstract": Paper("p", "Long", LONG),
    "300 authors": Paper("p", "Many", "Text.", authors=tuple(f"Family{n}, Given{n}" for n in range(300))),
    "right to left": Paper(
        "p", "دراسة العث عند الغسق", "تابعنا 340 عثة. قلّ الوقت إلى النصف (p < 0.05).", authors=("فل, آدا",)
    ),
    "chinese": Paper("p", "黄昏时的飞蛾", "我们跟踪了340只飞蛾。气味使搜索时间减半。"),
    "emoji and symbols": Paper("p", "Moths 🦋 & 5 µm ± 2 °C", "α ≤ β → γ; “quoted” – dashed — 50 % of ½."),
}


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl-json", "jsonl"])
@pytest.mark.parametrize("name", UGLY)
def test_ugly_papers_are_read_whole(tmp_path: Path, form: str, name: str) -> None:
    paper = UGLY[name]
    path = tmp_path / "export"
    path.write_text(exported([paper], form), encoding="utf-8")
    (record,) = read(path)
    assert isinstance(record, Record)
    assert (record.title, record.abstract, record.authors) == (paper.title, paper.abstract, paper.authors)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("RETRACTED: Moths at dusk", "retraction"),
        ("[Retracted] Moths at dusk", "retraction"),
        ("RETRACTED ARTICLE: Moths at dusk", "retraction"),
        ("Moths at dusk (Retracted article. See vol. 5, pg. 3, 2011)", "retraction"),
        ("Retraction of: Moths at dusk", "retraction"),
        ("Retraction Note: Moths at dusk", "retraction"),
        ("WITHDRAWN: Moths at dusk", "retraction"),
        ("Erratum to: Moths at dusk", "correction"),
        ("Author Correction: Moths at dusk", "correction"),
        ("Expression of Concern: Moths at dusk", "concern"),
        ('Retraction of "Moths at dusk"', "retraction"),
        ("Correction to: Moths at dusk", "correction"),
        ("Retraction of the wing in moths", None),
        ("Correction of scoliosis in 40 patients", None),
        ("Correction for many tests", None),
        ("Why papers are retracted", None),
        ("Correcting the flight of moths", None),
        ("Error correction in quantum moths", None),
        ("Retracted papers: a survey", None),
    ],
)
def test_titles_that_announce_a_retraction(title: str, kind: str | None) -> None:
    assert [notice.kind for notice in title_notices(title)] == ([kind] if kind else [])


def test_labelled_parts() -> None:
    abstract = "BACKGROUND: Moths fly. Methods: We saw 1:2 odds. Materials and Methods: None. CONCLUSION(S): So."
    abstract = abstract.replace("CONCLUSION(S)", "Conclusion(s)")
    found = [(section.label, abstract[section.start : section.end]) for section in find_sections(abstract)]
    assert found == [
        ("Background", "Moths fly."),
        ("Methods", "We saw 1:2 odds."),
        ("Materials and methods", "None."),
        ("Conclusion(s)", "So."),
    ]
    assert find_sections("We had one aim: to see. The results: none.") == ()
    assert find_sections("Results: only one label.") == ()


@pytest.mark.parametrize(
    ("abstract", "labels"),
    [
        ("BACKGROUND: A. SEARCH METHODS: B. SELECTION CRITERIA: C. DATA COLLECTION AND ANALYSIS: D. MAIN RESULTS: E. AUTHORS' CONCLUSIONS: F.",
         ("Background", "Search methods", "Selection criteria", "Data collection and analysis", "Main results", "Authors' conclusions")),
        ("BACKGROUND: A. AUTHORS’ CONCLUSIONS: B.", ("Background", "Authors’ conclusions")),
        ("DESIGN: A. MAIN OUTCOME MEASURES: B. RESULTS: C. CONCLUSIONS AND RELEVANCE: D. PROSPERO REGISTRATION NUMBER: E.",
         ("Design", "Main outcome measures", "Results", "Conclusions and relevance", "Prospero registration number")),
        ("Background: A. Search methods: B. Data collection and analysis: C. Main results: D. Conclusions: E. Authors' conclusions: F.",
         ("Background", "Search methods", "Data collection and analysis", "Main results", "Conclusions", "Authors' conclusions")),
        ("BACKGROUND: A. RNA: a molecule. RESULTS: It held at a ratio of 3: 4. DNA did not.", ("Background", "Results")),
        ("Background: A. Results: B. One thing is clear: moths fly.", ("Background", "Results")),
        ("SARS: a virus. MERS: another one. Both spread.", ()),
    ],
)  # fmt: skip
def test_labels_of_several_words_are_labels_where_others_are(abstract: str, labels: tuple[str, ...]) -> None:
    sections = find_sections(abstract)
    assert tuple(section.label for section in sections) == labels
    assert all(abstract[: one.start].rstrip(" :").casefold().endswith(one.label.casefold()) for one in sections)
