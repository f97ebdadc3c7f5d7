"""watch add, list, remove, run: questions asked again, and what happened to each claim of their answers."""

import json
import shutil
from contextlib import chdir

import pytest
from loopback import OpenAI, answer, serving, stream

import rag.watched_questions.storage
from rag import Library
from rag.__main__ import main
from rag.config import data_folder
from rag.models.reader import default_reader
from rag.types import Evidence, Paper, Role, Support, Verdict
from rag.verify import BoundedChecker, default_checker
from rag.watched_questions import keep, running, watches
from rag.watched_questions.denials import ReaderDenials
from rag.watched_questions.other_figures import ExactFigures, other_figures

QUESTION = "How much more grain did moist barley plots give?"
PAPERS = [
    {"title": "Soil moisture and barley yield", "abstract": "We watered barley plots through a dry spring. "
     "Moist plots gave 37% more grain than dry plots."},
    {"title": "Oats by the sea", "abstract": "Oats stood in salt spray. Plots near the sea gave hardly any grain."},
]  # fmt: skip
ROOFS = {"title": "Tin roofs", "abstract": "Hail dents roofs of tin. A thicker sheet cut dents by half."}
AGAIN = {
    "title": "A wet spring",
    "abstract": "We watered barley again. Moist plots gave 37% more grain than dry plots.",
}
OTHER = {"title": "A second farm", "abstract": "We went to a farm. Moist plots gave 12% more grain than dry plots."}
AGAINST = {"title": "Clay soil", "abstract": "We sowed on clay. Moist plots gave 37% less grain than dry plots."}
NOTICE = {"title": "Retraction notice: Soil moisture and barley yield", "abstract": "The article has been retracted."}


@pytest.fixture
def library(tmp_path, embedder):
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add_records(PAPERS, "farm")
        yield library


@pytest.fixture
def pincite(library, capsys, tmp_path):
    def pincite(*arguments):
        code = main([*map(str, arguments), "--library", str(tmp_path / "library")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return pincite


def changes(pincite):
    code, out, _ = pincite("watch", "run", "--json")
    found = [change for one in json.loads(out)["questions"] for claim in one["claims"] for change in claim["changes"]]
    assert code == (1 if set(found) - {"nothing"} else 0)
    return found


@pytest.mark.parametrize(
    ("record", "change"),
    [
        (ROOFS, "nothing"), (AGAIN, "new-support"), (OTHER, "figure-moved"), (AGAINST, "now-disputed"),
        (NOTICE, "retracted"),
    ],
)  # fmt: skip
def test_a_run_reports_what_a_new_paper_does_to_a_claim_and_only_once(pincite, library, record, change):
    assert pincite("watch", "add", QUESTION)[0] == 0
    assert changes(pincite) == ["nothing"]
    library.add_records([record], "new")
    assert changes(pincite)[0] == change
    assert set(changes(pincite)) == {"nothing"}


def test_a_claim_loses_its_support_with_the_paper_or_with_the_sentence(pincite, library):
    library.add_records([AGAIN], "new")
    pincite("watch", "add", QUESTION)
    first, second = (paper.id for paper in library.papers() if "barley" in paper.abstract)
    library.edit(first, abstract="We watered barley plots. They were pretty.")
    assert changes(pincite)[0] == "lost-support"
    library.remove(second)
    assert changes(pincite)[0] == "lost-support"


def test_the_list_shows_the_questions_with_what_changed_last(pincite, library):
    assert "No question is watched" in pincite("watch", "list")[1]
    pincite("watch", "add", QUESTION, "Where did oats stand?")
    library.add_records([NOTICE], "new")
    code, out, _ = pincite("watch", "run")
    assert code == 1
    assert "retracted: Moist plots gave 37% more grain" in out
    assert out.endswith("1 claim changed in 1 question of 2.\n")
    pincite("watch", "run")
    listed = pincite("watch", "list")[1]
    assert QUESTION in listed
    assert "retracted: Soil moisture and barley yield" in listed
    first, second = json.loads(pincite("watch", "list", "--json")[1])["watches"]
    assert (first["last"][0]["changes"], second["last"]) == (["retracted"], [])


def test_the_digest_is_markdown_that_shows_what_papers_say_as_it_is(pincite, library, tmp_path):
    pincite("watch", "add", QUESTION)
    library.add_records([OTHER | {"title": "A *second* [farm](http://x.example)"}], "new")
    file = tmp_path / "digest.md"
    code, out, _ = pincite("watch", "run", "--markdown", "--output", file)
    assert code == 1
    assert file.read_text(encoding="utf-8") == out
    assert f"## {QUESTION}" in out
    assert "- **figure moved" in out
    assert r"A \*second\* \[farm\](http" in out
    assert pincite("watch", "run", "--output", file)[0] == 2, "it would replace the digest"
    assert pincite("watch", "run", "--markdown", "--json")[0] == 2


def test_no_model_is_called_where_nothing_changed(pincite, library, monkeypatch):
    monkeypatch.setenv("PINCITE_MODEL", "openai:m")
    monkeypatch.setenv("PINCITE_CACHE", "off")
    sentence = {"text": "Moist plots gave 37% more grain than dry plots.", "evidence": [2]}
    written = OpenAI().piece(json.dumps({"reply": {"sentences": [sentence]}}), "stop") + OpenAI().end()
    many = [{"title": f"Roof {n}", "abstract": f"Hail dents roof {n}. A sheet cut dents by half."} for n in range(20)]
    library.add_records([*many, *(AGAIN | {"title": f"Spring {n}"} for n in range(14))], "more")
    with serving(OpenAI(), stream(written)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        pincite("watch", "add", QUESTION)
        asked = len(server.requests)
        assert asked >= 1
        assert changes(pincite) == ["nothing"]
        library.add_records([ROOFS], "new")  # changes the library, but no paper that is found
        assert changes(pincite) == ["nothing"]
        assert len(server.requests) == asked
        library.add_records([AGAINST], "new")  # near to the claim, but not among the papers found for the question
        assert changes(pincite) == ["now-disputed"]
        assert len(server.requests) == asked
        library.add_records([AGAIN | {"title": QUESTION}], "newer")
        assert "new-support" in changes(pincite)
        assert len(server.requests) == asked + 1


def test_a_question_that_could_not_be_asked_is_asked_next_time(pincite, library, monkeypatch):
    pincite("watch", "add", QUESTION)
    library.add_records([AGAINST], "new")
    with serving(OpenAI(), answer(500, "{}")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        code, out, _ = pincite("watch", "run", "--model", "openai:m")
        assert code == 1
        assert "not asked: " in out
        assert pincite("watch", "add", "Where did oats stand?", "--model", "openai:m")[0] == 1
    assert len(watches(library)) == 1, "a question that couldn't be asked isn't watched"
    assert changes(pincite)[0] == "now-disputed"


def test_a_declined_question_is_watched_for_a_paper_that_answers_it(pincite, library):
    code, out, _ = pincite("watch", "add", "How deep are the dents that hail makes in tin roofs?")
    assert code == 0
    assert "0 claims followed" in out
    library.add_records([ROOFS], "new")
    assert set(changes(pincite)) <= {"new-claim"}


def test_questions_are_removed_by_id_or_by_words(pincite):
    pincite("watch", "add", QUESTION, "Where did oats stand?")
    first, _ = json.loads(pincite("watch", "list", "--json")[1])["watches"]
    code, _, err = pincite("watch", "remove", first["id"], "Who?")
    assert (code, "'Who?' isn't a watched question" in err) == (2, True)
    assert pincite("watch", "remove", first["id"][:6], "Where did oats stand?")[0] == 0
    assert "No question is watched" in pincite("watch", "list")[1]
    assert pincite("watch", "run")[:2] == (0, "Nothing changed in 0 questions.\n")


def test_a_question_is_watched_once_and_its_filters_are_kept(pincite, library):
    pincite("watch", "add", QUESTION)
    assert "is watched already" in pincite("watch", "add", QUESTION)[2]
    pincite("watch", "add", QUESTION, "--source", "nowhere")
    assert "source nowhere" in pincite("watch", "list")[1]
    library.add_records([AGAINST], "new")
    claims = [len(one["claims"]) for one in json.loads(pincite("watch", "run", "--json")[1])["questions"]]
    assert claims[1] == 0, "the new paper isn't from that file"


def test_a_folder_named_as_an_action_is_written_as_a_path(pincite, library, tmp_path):
    folder = tmp_path / "add"
    folder.mkdir()
    (folder / "new.jsonl").write_text(json.dumps(ROOFS), encoding="utf-8")
    with chdir(tmp_path):
        code, _, err = pincite("watch", "add")
        assert code == 2
        assert "name a question; to add what appears in a folder named add, write ./add" in err
        assert pincite("watch", "./add", "--once", "--every", "0.1")[0] == 0
    assert len(library) == 3
    assert main(["--library", str(tmp_path / "library"), "watch", "--json", "list"]) == 0


def test_a_library_of_somebody_else_brings_no_questions(pincite, library, tmp_path, capsys):
    pincite("watch", "add", QUESTION)
    shutil.copytree(tmp_path / "library", tmp_path / "gift")
    shutil.copytree(data_folder() / "watches", tmp_path / "gift" / "watches")
    assert main(["watch", "list", "--library", str(tmp_path / "gift")]) == 0
    assert "No question is watched" in capsys.readouterr().out
    assert not [path for path in (tmp_path / "library").rglob("*") if "watch" in path.name]


def test_a_run_that_is_killed_has_kept_what_it_was_done_with(pincite, library, monkeypatch):
    pincite("watch", "add", QUESTION, "Where did oats stand?")
    library.add_records([NOTICE], "new")
    whole = rag.watched_questions.storage.sync

    def killed(path):
        if path.name.startswith(watches(library)[1].id):
            raise KeyboardInterrupt
        whole(path)

    with monkeypatch.context() as patch:
        patch.setattr(rag.watched_questions.storage, "sync", killed)
        assert pincite("watch", "run")[0] == 130
    first, second = watches(library)
    assert first.library == library.fingerprint != second.library
    assert set(changes(pincite)) == {"nothing"}


def test_two_runs_do_not_ask_at_the_same_time_and_a_removed_question_stays_removed(pincite, library):
    pincite("watch", "add", QUESTION)
    (one,) = watches(library)
    with running(library):
        code, _, err = pincite("watch", "run")
        assert (code, "another process is asking its watched questions" in err) == (2, True)
        assert pincite("watch", "remove", one.id)[0] == 0
        keep(library, one)
    assert watches(library) == []


FORGED = [
    '{"format": 1, "claims": 3}', {"question": 3}, {"question": ""}, {"filters": {"colour": "red"}},
    {"filters": {"year": "soon"}}, {"newest": [3]}, {"papers": {"a": 1}}, {"receipt": {"searches": [3]}},
    {"claims": [{"text": 3}]}, {"claims": [{"text": " "}]}, {"claims": [{"text": "a", "supporting": [{"paper": 1}]}]},
    {"last": [{"text": "a", "changes": ["melted"]}]},
]  # fmt: skip


@pytest.mark.parametrize("damage", ["", "[]", "{}", "[" * 100_000, *FORGED])
def test_a_damaged_file_is_set_aside_and_the_other_questions_are_asked(pincite, library, damage):
    pincite("watch", "add", QUESTION, "Where did oats stand?")
    (damaged,) = data_folder().glob(f"watches/*/{watches(library)[0].id}.json")
    plain = json.loads(damaged.read_text(encoding="utf-8"))
    text = damage if isinstance(damage, str) else json.dumps(plain | damage)
    damaged.write_text(text, encoding="utf-8")
    library.add_records([ROOFS], "new")
    code, out, err = pincite("watch", "run")
    assert (code, out) == (1, "Nothing changed in 1 question.\n")
    assert f"{damaged}: isn't a watched question" in err
    assert f"kept as {damaged.stem}.damaged; watch its question again" in err
    assert damaged.with_suffix(".damaged").read_text(encoding="utf-8") == text
    assert pincite("watch", "run") == (0, "Nothing changed in 1 question.\n", "")
    assert pincite("watch", "add", QUESTION)[0] == 0
    assert len(watches(library)) == 2


def test_a_file_of_another_version_stays_and_is_reported_by_every_command(pincite, library, tmp_path):
    pincite("watch", "add", QUESTION)
    (file,) = data_folder().glob("watches/*/*.json")
    file.write_text('{"format": 2}', encoding="utf-8")
    for _ in range(2):
        code, out, _ = pincite("watch", "run", "--json")
        (problem,) = json.loads(out)["problems"]
        assert (code, "is of another version of Pincite" in problem) == (1, True)
    assert "is of another version" in pincite("watch", "run", "--markdown")[1]
    assert "is of another version" in pincite("watch", "list")[2]
    assert file.exists()


FIGURES = [
    ("We found that moist plots gave 12% more grain than dry plots.", "figure-moved"),
    ("In 40 fields, over three years, moist plots gave 12% more grain than dry plots.", "figure-moved"),
    ("Moist plots gave 37% more grain than dry plots, in 40 fields.", "new-support"),
    ("Moist plots gave 12% more grain than dry plots at first. Moist plots gave 37% more grain than dry plots at last.",
     "new-support"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "change"), FIGURES)
def test_figures_are_compared_exactly(pincite, library, said, change):
    pincite("watch", "add", QUESTION)
    library.add_records([{"title": "A second farm", "abstract": f"We went to a farm. {said}"}], "new")
    assert changes(pincite)[0] == change


def test_a_sentence_that_says_a_part_of_a_claim_with_another_figure_is_found():
    claim = (
        "The text is made simpler, and 36 models of 1 million to 165 million parameters are trained on it; "
        "on German questions accuracy is 52% and on French questions it is 22%."
    )
    checker = BoundedChecker(default_checker())
    for said, moved in [
        ("36 models of 8 million to 165 million parameters are trained on it.", True),
        ("On French questions accuracy is 27%.", True),
        ("On French questions accuracy is 22%.", False),
        ("On Greek vases the glaze is 27% lead.", False),
    ]:
        paper = Paper("p", "A second look", said)
        evidence = [Evidence(1, paper, 0, len(said), said, 0.9, Role.RESULT)]
        found, _ = other_figures(claim, evidence, checker, ReaderDenials(checker, default_reader()))
        assert bool(found) is moved, said


@pytest.mark.parametrize(
    ("claim", "said", "denies"),
    [
        ("Sleep improved memory for faces.", "Sleep did not improve memory for faces.", True),
        ("Sleep improved memory for faces.", "Sleep did not improve memory for smells.", False),
        ("Walking lowered anxiety in nurses.", "Walking did not reduce anxiety in nurses.", True),
        ("Barley grew more on wet plots than on dry plots.", "Barley grew less on wet plots than on dry plots.", True),
        ("Barley grew more on wet plots than on dry plots.", "Mice ate less on wet plots than on dry plots.", False),
        ("Fungi are the main cause of wheat loss.", "Fungi are not the main reason for wheat loss.", True),
        ("Wet plots clearly gave more grain.", "Wet plots plainly did not give more grain.", True),
    ],
)
def test_the_opposite_of_another_thing_denies_nothing(claim, said, denies):
    checker = BoundedChecker(default_checker())
    assert ReaderDenials(checker, default_reader()).denies(claim, said) is denies


def test_figures_of_another_size_of_the_thing_are_of_another_occasion():
    checker = BoundedChecker(default_checker())
    claim = "The cache cuts memory use by 43% on files of 32,000 tokens."
    for said, moved in [
        ("On files of 32,000 tokens, the cache cuts memory use by 19%.", True),
        ("The cache cuts memory use by 3% on files of 1,000 tokens.", False),
    ]:
        evidence = [Evidence(1, Paper("p", "A second look", said), 0, len(said), said, 0.9, Role.RESULT)]
        found, _ = other_figures(claim, evidence, checker, ReaderDenials(checker, default_reader()))
        assert bool(found) is moved, said


def test_a_checker_that_overlooks_figures_is_not_believed():
    class Kind:
        def check(self, sentence, evidence):
            return Support(1.0, Verdict.SUPPORTED)

    claim = "Moist plots gave 37% more grain than dry plots in 2020."
    judged = {
        text: ExactFigures(Kind()).check(claim, [text]).verdict.value
        for text in (
            "It was 37.0% more in 2021.",
            "A quarter more grain.",
            "12% more grain.",
            "One plot gave more.",
        )
    }
    assert list(judged.values()) == ["supported", "partial", "partial", "partial"]


def test_a_changed_abstract_is_judged_like_a_new_one(pincite, library):
    pincite("watch", "add", QUESTION)
    (paper,) = [paper for paper in library.papers() if "barley" in paper.abstract]
    library.edit(paper.id, abstract="We watered barley plots. Moist plots gave 12% more grain than dry plots.")
    assert changes(pincite)[0] == "lost-support"
    assert "gives another figure: Soil moisture and barley yield" in pincite("watch", "list")[1]
    library.edit(paper.id, abstract="We watered barley. In spring, moist plots gave 37% more grain than dry plots.")
    assert "new-support" in changes(pincite)
