"""What a manuscript's sentences turn out to be, by a checker that the test scripts, and every form of the report."""

import html
import json

import jsonschema
import pytest
from places import ROOT

from rag import Library
from rag.__main__ import main
from rag.manuscript import Outcome, check_manuscript, open_manuscript, read_references
from rag.manuscript.document import report_document
from rag.manuscript.page import report_page
from rag.manuscript.sarif import report_sarif
from rag.types import Support, Verdict
from rag.views.documents import json_schema

PAPERS = [
    {"title": "Tin roofs in hail and storms", "year": 2024, "authors": ["Fell, Ada"], "doi": "10.1000/hail",
     "abstract": "Hail dents roofs of tin. We dropped ice on 40 roofs. A thicker sheet of tin cut dents by 52%."},
    {"title": "Slate roofs in hail and storms", "year": 2022, "authors": ["Moor, Bea"],
     "abstract": "Slate roofs break in hail. A thicker sheet of tin cut dents by half as well."},
    {"title": "Barn cats and their long sleep", "year": 2021, "authors": ["Lind, Cy"],
     "abstract": "Barn cats rest by day. They slept eleven hours a day."},
    {"title": "RETRACTED: Copper gutters and the moon", "year": 2020, "authors": ["Zed, Di"],
     "abstract": "Copper gutters shine at night. The moon makes them brighter than gold."},
]  # fmt: skip
BIB = """@article{hail, title={Something else entirely}, doi={10.1000/hail}, year={2024}}
@article{slate, title={Slate roofs in hail and storms}, year={2022}}
@article{cats, title={Barn cats and their long sleep}}
@article{moon, title={Copper gutters and the moon}}
@article{own, title={Only here & nowhere <else>}, author={Own, Al}, year={2019},
  abstract={Thatch burns. It burns well.}}
@article{gone, title={A paper without an abstract here}}
"""
PAPER = """Thicker tin cut dents by half [@hail]. Thicker tin stops all dents [@cats]. Cats never sleep [@cats].
Roofs of tin and slate suffer in hail [@hail; @slate]. Gutters of copper shine at night [@moon].

Thatch burns well [@own]. A claim on nothing [@gone]. Half of it [@cats; @gone]. Who knows [@nokey]?
A thicker sheet of tin cut dents by 52% in the storms.
"""


class Scripted:
    """Verdicts by words of the claim and of the evidence."""

    def check(self, sentence, evidence):
        text = " ".join(evidence)
        for claim, words, verdict, score in (
            ("half [", "", Verdict.UNKNOWN, 0.0),
            ("dents by", "cut dents by", Verdict.SUPPORTED, 0.9),
            ("stops all dents", "cut dents by", Verdict.SUPPORTED, 0.8),
            ("never sleep", "slept", Verdict.CONTRADICTED, 0.02),
            ("tin and slate", "Slate roofs break", Verdict.SUPPORTED, 0.9),
            ("tin and slate", "dents roofs", Verdict.PARTIAL, 0.3),
            ("copper", "copper", Verdict.SUPPORTED, 0.9),
            ("Thatch", "burns", Verdict.SUPPORTED, 0.9),
        ):
            if claim in sentence and words in text:
                return Support(score, verdict, "so the script says")
        return Support(0.01, Verdict.UNSUPPORTED, "the script knows nothing of it")


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    with Library(tmp_path_factory.mktemp("roofs") / "library", embedder=embedder) as opened:
        opened.add_records(PAPERS, "roofs")
        yield opened


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    (folder / "paper.md").write_text(PAPER, encoding="utf-8")
    (folder / "refs.bib").write_text(BIB, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def report(library, files):
    references = read_references([files / "refs.bib"])
    return check_manuscript(open_manuscript(files / "paper.md"), library, references, Scripted())


def outcomes(report):
    return {one.passage.claim: one.outcome for one in report.pinned}


def test_each_sentence_gets_what_its_abstracts_say(report):
    assert outcomes(report) == {
        "Thicker tin cut dents by half.": Outcome.SUPPORTED,
        "Thicker tin stops all dents.": Outcome.NOT_IN_ABSTRACT,
        "Cats never sleep.": Outcome.CONTRADICTED,
        "Roofs of tin and slate suffer in hail.": Outcome.SUPPORTED,
        "Gutters of copper shine at night.": Outcome.RETRACTED,
        "Thatch burns well.": Outcome.SUPPORTED,  # its abstract stands in the file of references alone
        "A claim on nothing.": Outcome.NOT_IN_LIBRARY,
        "Half of it.": Outcome.NOT_IN_LIBRARY,  # the missing paper may be the one that supports it
        "Who knows?": Outcome.NOT_IN_LIBRARY,
    }


@pytest.mark.parametrize("cited", ["[@hail; @nokey]", "[@nokey; @hail]", "[@hail; @gone]", "[@hail] as shown [@nokey]"])
def test_a_sentence_isnt_supported_while_one_of_its_papers_cant_be_found(library, tmp_path, cited):
    file = tmp_path / "paper.md"
    file.write_text(f"Thicker tin cut dents by half {cited}.\n", encoding="utf-8")
    (tmp_path / "refs.bib").write_text(BIB, encoding="utf-8")
    found = check_manuscript(open_manuscript(file), library, read_references([tmp_path / "refs.bib"]), Scripted())
    (one,) = found.pinned
    assert one.outcome is Outcome.NOT_IN_LIBRARY
    assert one.why.endswith("what else it cites supports it")
    assert {cited.key: cited.outcome for cited in one.cited}["hail"] is Outcome.SUPPORTED
    assert one.instead == ()


def test_each_missing_paper_of_a_sentence_is_named(library, tmp_path):
    file = tmp_path / "paper.md"
    file.write_text("Thicker tin cut dents by half [@nokey; @hail; @nope].\n", encoding="utf-8")
    (tmp_path / "refs.bib").write_text(BIB, encoding="utf-8")
    (one,) = check_manuscript(
        open_manuscript(file), library, read_references([tmp_path / "refs.bib"]), Scripted()
    ).pinned
    assert "'nokey'" in one.why
    assert "'nope'" in one.why


def test_several_papers_are_judged_each_and_together(report):
    both = next(one for one in report.pinned if len(one.cited) == 2 and one.passage.keys == ("hail", "slate"))
    assert [(one.key, one.outcome) for one in both.cited] == [
        ("hail", Outcome.PARTLY),
        ("slate", Outcome.SUPPORTED),
    ]


def test_a_failing_sentence_shows_the_nearest_words_and_another_paper(report):
    failed = next(one for one in report.pinned if one.outcome is Outcome.NOT_IN_ABSTRACT)
    pin = failed.cited[0].pin
    assert pin.quote in PAPERS[2]["abstract"]
    assert pin.paper.abstract[pin.start : pin.end] == pin.quote
    assert "A thicker sheet of tin cut dents by 52%." in [one.quote for one in failed.instead]


def test_no_retracted_paper_is_offered(report):
    pins = [pin for one in report.pinned for pin in one.instead]
    pins += [pin for one in report.uncited for pin in one.support]
    assert pins
    assert not any(pin.paper.retracted for pin in pins)


def test_a_finding_without_a_citation_is_listed_with_its_support(report):
    (uncited,) = report.uncited
    assert uncited.passage.text == "A thicker sheet of tin cut dents by 52% in the storms."
    assert uncited.support[0].paper.title == "Tin roofs in hail and storms"


def test_authors_and_reference_lists_lead_to_papers(library, tmp_path):
    file = tmp_path / "paper.txt"
    file.write_text(
        "Cats never sleep (Lind, 2021). Gutters of copper shine [1]. Nobody knows (Who et al., 1999).\n\n"
        "[1] Zed D. Copper gutters and the moon. J Moon 2020.\n",
        encoding="utf-8",
    )
    found = check_manuscript(open_manuscript(file), library, read_references([]), Scripted())
    assert [one.outcome for one in found.pinned] == [
        Outcome.CONTRADICTED,
        Outcome.RETRACTED,
        Outcome.NOT_IN_LIBRARY,
    ]


def test_the_document_keeps_to_the_schema(report):
    plain = json.loads(json.dumps(report_document(report)))
    jsonschema.Draft202012Validator(json_schema()).validate(plain)
    assert plain["counts"]["contradicted"] == 1
    assert len(plain["sentences"]) == len(report.pinned)


def test_the_page_shows_the_whole_manuscript_and_escapes_it(library, tmp_path):
    file = tmp_path / "paper.md"
    file.write_text(
        "Cats <b>never</b> sleep & <script>alert(1)</script> [@cats].\n\nNothing cited.\n", encoding="utf-8"
    )
    (tmp_path / "refs.bib").write_text(BIB, encoding="utf-8")
    references = read_references([tmp_path / "refs.bib"])
    page = report_page(check_manuscript(open_manuscript(file), library, references, Scripted()))
    assert html.escape("Cats <b>never</b> sleep & <script>alert(1)</script> [@cats].") in page
    assert "<script" not in page
    assert "Nothing cited." in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_annotations_stand_at_their_lines(report):
    (run,) = report_sarif(report)["runs"]
    places = {
        (one["ruleId"], one["locations"][0]["physicalLocation"]["region"]["startLine"]): one["level"]
        for one in run["results"]
    }
    assert places["retracted", 2] == "error"
    assert places["contradicted", 1] == "warning"
    assert places["not-in-library", 4] == "note"
    assert places["uncited", 5] == "note"
    assert not any(one["ruleId"] == "supported" for one in run["results"])


@pytest.fixture
def check(monkeypatch, library, files, capsys):
    monkeypatch.setattr("rag.verify.load_checker", lambda *_: Scripted())
    monkeypatch.setattr("rag.models.registry.load_embedder", lambda _: library.embedder)

    def run(*arguments):
        where = ["--library", str(library.folder)]
        code = main(["check", str(files / "paper.md"), "--bib", str(files / "refs.bib"), *arguments, *where])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("wanted", "code"), [("", 0), ("contradicted,retracted", 1), ("uncited", 1), ("unknown", 0), ("partly", 0)]
)
def test_the_exit_code_says_whether_a_finding_was_there(check, wanted, code):
    assert check("--fail-on", wanted)[0] == code


def test_an_unknown_finding_is_refused(check):
    code, _, said = check("--fail-on", "wrong")
    assert code == 2
    assert "--fail-on wrong: isn't a finding: choose among partly, contradicted" in said


def test_the_command_writes_its_files_and_replaces_none(check, tmp_path):
    page, notes = tmp_path / "out.html", tmp_path / "out.sarif"
    assert check("--html", str(page), "--sarif", str(notes))[0] == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads(notes.read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert "already exists" in check("--html", str(page))[2]


def test_the_terminal_never_accuses(check):
    _, shown, _ = check()
    assert "not in the abstract" in shown
    assert "the full text may say" in " ".join(shown.split())


def test_a_checker_elsewhere_is_named_with_what_it_is_sent(check, monkeypatch):
    assert "To check," not in check()[1]
    monkeypatch.setenv("PINCITE_CHECKER", "openai:judge")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://judge.example/v1")
    assert "judge.example" in " ".join(check()[1].split()).partition("To check,")[2]


def test_only_word_takes_comments(check, tmp_path):
    code, _, said = check("--comments", str(tmp_path / "out.docx"))
    assert code == 2
    assert "only a .docx takes comments" in said


def test_a_check_without_library_and_references_says_what_to_give(files, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["check", str(files / "paper.md")]) == 2
    assert "give its references with --bib FILE, or a library with --library DIR" in capsys.readouterr().err


def test_the_documentation_shows_what_the_command_prints(demo_library, monkeypatch, capsys):
    monkeypatch.setattr("rag.models.registry.load_embedder", lambda _: demo_library.embedder)
    monkeypatch.chdir(ROOT)
    assert main(["check", "eval/data/manuscript/paper.md", "--library", str(demo_library.folder)]) == 0
    page = (ROOT / "docs" / "manuscripts.md").read_text(encoding="utf-8")
    assert f"```text\n{capsys.readouterr().out}```" in page
