"""The command line of the evaluation: documents, exit codes, messages."""

import json

import pytest
from places import DEMO

from eval.__main__ import main
from eval.answers.llama_index import paper_id
from eval.json_lines import dump_line
from eval.questions import load_cases


def run(capsys, *arguments):
    """Return exit code, the JSON document (or None) and standard error."""
    code = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if "--json" in arguments and captured.out else captured.out, captured.err


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Perfect answers to the development half, as another system would hand them in."""
    abstracts = {paper_id(row["title"]): row["abstract"] for row in map(json.loads, DEMO.read_text().splitlines())}
    lines = []
    for case in load_cases(split="dev"):
        text = " ".join(f"{e.sentence} [{case.gold.index(e.paper) + 1}]" for e in case.evidence)
        passages = [{"id": paper, "text": abstracts[paper]} for paper in case.gold] if case.answerable else []
        lines.append(dump_line({"id": case.id, "text": text or "The papers do not report this.", "passages": passages}))
    path = tmp_path_factory.mktemp("answers") / "answers.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_run_answers_the_demo_library(capsys, demo_library, tmp_path):
    out = tmp_path / "run.jsonl"
    code, reported, _ = run(capsys, "run", "--library", demo_library.folder, "--limit", 3, "--out", out, "--json")
    assert code == 0
    assert reported["questions"] == 3
    assert reported["metrics"]["quote_exactness"]["value"] == 1.0
    assert {"recall@5", "expected", "refusal_recall", "seconds"} <= set(reported["metrics"])
    assert reported["header"]["library"]["papers"] == len(demo_library)
    assert reported["header"]["word_counting"]["questions"] == 3
    header = json.loads(out.read_text(encoding="utf-8").splitlines()[0])["header"]
    assert header["model"] == "extractive"
    assert {"code_sha256", "questions", "judge_sha256", "packages"} <= set(header)


def test_a_run_is_reused_only_when_asked_and_says_so(capsys, demo_library, tmp_path):
    asking = ("run", "--library", demo_library.folder, "--limit", 2, "--out", tmp_path / "night.jsonl", "--json")
    assert run(capsys, *asking)[1]["reused"] == 0
    _, reported, err = run(capsys, *asking)
    assert (reported["reused"], err) == (0, "")
    _, reported, err = run(capsys, *asking, "--resume")
    assert reported["reused"] == 2
    assert "2 of 2 answers are from an earlier run (--resume), not asked again" in err
    code, _, err = run(capsys, "run", "--limit", 2, "--resume")
    assert code == 2
    assert "name it with --out FILE" in err


def test_score_then_compare_report_and_gate(capsys, answers, tmp_path):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    code, reported, _ = run(
        capsys, "score", "--answers", answers, "--split", "dev", "--judge", "overlap", "--out", first, "--json"
    )
    assert code == 0
    assert reported["metrics"]["citation_recall"]["value"] == 1.0
    assert reported["metrics"]["expected"]["value"] == 1.0
    assert reported["metrics"]["refusal_f1"]["value"] == 1.0
    spoilt = tmp_path / "spoilt.jsonl"
    spoilt.write_text(answers.read_text(encoding="utf-8").replace(" [1]", " [2]"), encoding="utf-8")
    run(capsys, "score", "--answers", spoilt, "--split", "dev", "--judge", "overlap", "--out", second, "--json")

    code, reported, _ = run(capsys, "compare", first, second, "--json")
    assert (code, reported["metrics"]["citation_recall"]["better"]) == (0, "first")
    code, text, _ = run(capsys, "compare", first, second)
    assert text.splitlines()[2].startswith("| metric |")

    code, reported, _ = run(capsys, "report", first, "--json")
    assert code == 0
    assert (tmp_path / "first.html").read_text(encoding="utf-8").startswith("<!doctype html>")

    gate = tmp_path / "gate.toml"
    gate.write_text(
        '[[check]]\nname = "mine"\n[check.metrics]\ncitation_recall = {low_at_least = 0.8}\n', encoding="utf-8"
    )
    assert run(capsys, "gate", first, "--thresholds", gate, "--json")[:2] == (
        0,
        {"passed": True, "checks": {"mine": []}, "runs": {}},
    )
    code, text, _ = run(capsys, "gate", second, "--thresholds", gate)
    assert code == 1
    assert "citation_recall: its lower bound is" in text


def test_an_answer_to_no_question_of_the_set_is_named(capsys, answers, tmp_path):
    more = tmp_path / "more.jsonl"
    more.write_text(
        answers.read_text(encoding="utf-8") + json.dumps({"id": "figur-001", "text": "Misspelt."}) + "\n",
        encoding="utf-8",
    )
    assert main(["score", "--answers", str(more), "--split", "dev", "--judge", "overlap", "--json"]) == 0
    assert "1 of 81 answers matches no question of this set, the first 'figur-001'" in capsys.readouterr().err


def test_score_mentions_marks_from_zero_and_refusals_that_cite(capsys, write_jsonl):
    passages = [{"id": "p1", "text": "Tides rise."}, {"id": "p2", "text": "Tides fall."}]
    texts = {"a": "Tides rise [0]. Tides fall [1].", "b": "Tides fall [2]."}
    given = [{"id": name, "text": text, "passages": passages, "declined": name == "b"} for name, text in texts.items()]
    asked = write_jsonl("own.jsonl", [{"id": name, "question": "Do tides rise?", "gold": ["p1"]} for name in texts])
    options = ["--questions", str(asked), "--judge", "overlap", "--json"]
    assert main(["score", "--answers", str(write_jsonl("answers.jsonl", given)), *options]) == 0
    said = capsys.readouterr().err
    assert "1 answer holds [0], the first 'a': marks count from 1, add 1 to each" in said
    assert "1 declined answer cites passages, the first 'b': they count as refusals" in said


def test_a_card_needs_pairs_of_both_kinds_and_says_so(capsys, write_jsonl):
    pairs = [{"id": str(n), "source_text": "Tides rose.", "claim": "Tides fell.", "label": label}
             for n, label in enumerate(("contradicted", "not_supported"))]  # fmt: skip
    assert main(["judge", str(write_jsonl("pairs.jsonl", pairs)), "--judge", "overlap"]) == 0
    assert "needs both supported and unsupported pairs" in capsys.readouterr().out


def test_judge_prints_its_card_next_to_the_floor(capsys, write_jsonl, tmp_path):
    text = "Tides rise by 12% at noon."
    pairs = [(text, text, "supported", "a"), (text, text.replace("12", "21"), "contradicted", "b")]
    pairs.append(("Winds turn north.", "Owls hunt mice at night.", "not_supported", "b"))
    names = ("source_text", "claim", "label", "origin")
    path = write_jsonl("pairs.jsonl", [dict(zip(names, pair, strict=True)) for pair in pairs])
    code, reported, _ = run(capsys, "judge", path, "--out", tmp_path / "card.json", "--json")
    assert code == 0
    assert reported["balanced_accuracy"]["value"] == 1.0
    assert reported["overlap"]["balanced_accuracy"]["value"] == 0.75  # blind to the figure
    assert set(reported["origins"]) == {"a", "b"}
    assert {"macro_f1", "kappa", "auroc", "ece", "recall", "unknown"} <= set(reported)
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8")) == reported
    assert "balanced accuracy by origin" in run(capsys, "judge", path, "--judge", "overlap")[1]


def test_yes_no_maybe(capsys, write_jsonl):
    row = {
        "id": "1",
        "question": "Do spring tides rise?",
        "contexts": "Spring tides rose in all ports.",
        "answer": "yes",
    }
    code, reported, _ = run(capsys, "run", "--pubmedqa", write_jsonl("dev.jsonl", [row]), "--json")
    assert code == 0
    assert reported["questions"] == 1
    assert reported["undecided"] + reported["accuracy"]["questions"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["judge", "missing.jsonl"], "missing.jsonl: No such file"),
        (["score", "--answers", "missing.jsonl"], "missing.jsonl: No such file"),
        (["run", "--questions", "missing.jsonl"], "missing.jsonl: No such file"),
        (["run", "--judge", "oracle", "--limit", "1"], "unknown judge 'oracle'"),
        (["run", "--model", "gpt-9", "--limit", "1"], "unknown model 'gpt-9'"),
        (["compare", "a.jsonl", "b.jsonl"], "a.jsonl: No such file"),
        (["report", "a.jsonl"], "a.jsonl: No such file"),
        (["gate", "--thresholds", "gate.toml"], "gate.toml: No such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["run", "--jobs", "0"], ["run", "--split", "train"], ["fly"], []])
def test_bad_usage_is_exit_code_2(capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_retrieval_on_a_folder_in_beir_layout(capsys, write_jsonl, tmp_path):
    tides, winds = ("1", "On tides", "Tides rise at noon."), ("2", "On winds", "Winds turn north.")
    write_jsonl("corpus.jsonl", [{"_id": i, "title": title, "text": text} for i, title, text in (tides, winds)])
    write_jsonl("queries.jsonl", [{"_id": "q", "text": "When do tides rise?"}])
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "mine.tsv").write_text("query-id\tcorpus-id\tscore\nq\t1\t1\n", encoding="utf-8")
    code, reported, _ = run(capsys, "retrieval", tmp_path, "--split", "mine", "--json")
    assert code == 0
    assert reported["ndcg@10"]["value"] == reported["recall@5"]["value"] == 1.0
    assert {"bm25", "dense"} <= set(reported["baselines"])
    assert run(capsys, "retrieval", tmp_path, "--split", "yours")[0] == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model:extractive", "unknown judge 'model:extractive'"),  # no language model
        ("entailment:missing", "missing is missing: an entailment model is a folder with"),
        ("model:ollama", "unknown judge 'model:ollama'"),
    ],
)
def test_a_judge_that_cannot_judge_is_refused(capsys, write_jsonl, name, message):
    pairs = write_jsonl("pairs.jsonl", [{"source_text": "Tides.", "claim": "Tides.", "label": "supported"}])
    code, _, err = run(capsys, "judge", pairs, "--judge", name)
    assert code == 2
    assert message in err


def test_a_count_that_is_none_says_what_to_give(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["label", "run.jsonl", "--count", "0"])
    assert stopped.value.code == 2
    assert "argument --count: '0': give a whole number above 0" in capsys.readouterr().err
