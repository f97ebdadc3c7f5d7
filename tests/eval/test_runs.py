"""Run files: resumed, never mixed, compared and drawn."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest
from judges_for_tests import PASSAGES, ExactJudge, pinned, response

from eval import power
from eval.answers.responses import Response
from eval.estimates import NOT_APPLICABLE, UNSCORED, Score, estimate, of
from eval.metrics import BY_NAME
from eval.questions import Case
from eval.runs import baselines, comparison, report
from eval.runs.run import execute, read_run, unfinished_of
from eval.runs.scoring import score
from eval.runs.summary import document, table
from rag.errors import InputError, SourceError

CASES = tuple(
    Case(f"q{n}", "figure", "dev", f"What happens at {n}?", gold=("p1",), expected=(("noon",),)) for n in range(4)
)
HEADER = {"format": 2, "made_at": "now", "model": "m", "judge": "exact", "questions": {"split": "dev"}}


def answer(case):
    return replace_case(response(("Tides rise at noon.", 1)), case.id)


def replace_case(given, name, **fields):
    return dataclasses.replace(given, case=name, **fields)


def run(path, ask=answer, header=HEADER, cases=CASES, **options):
    execute(cases, ask, ExactJudge(), header, path, **options)
    return read_run(path)


def test_a_run_holds_every_question_with_scores_and_judgement(tmp_path):
    found = run(tmp_path / "new" / "run.jsonl")
    assert list(found.rows) == ["q0", "q1", "q2", "q3"]
    row = found.rows["q2"]
    assert row.case == CASES[2]
    assert row.scores["citation_recall"] == Score(1, 1)
    assert row.judged[0]["together"]["verdict"] == "supported"
    assert "refusal_recall" not in row.scores  # not applicable: left out, not 0


def test_an_interrupted_run_is_resumed_where_it_stopped(tmp_path):
    path = tmp_path / "run.jsonl"
    asked = []

    def breaks_at_the_third(case):
        asked.append(case.id)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return answer(case)

    with pytest.raises(KeyboardInterrupt):
        run(path, breaks_at_the_third)
    assert not path.exists()
    with unfinished_of(path).open("a", encoding="utf-8") as file:
        file.write('{"id": "q2", "text": "half a li')  # killed while writing
    reported = []
    again = []
    reused = execute(CASES, lambda case: again.append(case.id) or answer(case), ExactJudge(),
                     HEADER | {"made_at": "later"}, path, resume=True, progress=reported.append)  # fmt: skip
    assert reused == 2
    assert again == ["q2", "q3"]
    assert reported == [2, 3, 4]
    assert list(read_run(path).rows) == ["q0", "q1", "q2", "q3"]
    assert not unfinished_of(path).exists()


def test_answers_that_failed_are_asked_again(tmp_path):
    path = tmp_path / "run.jsonl"
    failing = run(path, lambda case: replace_case(answer(case), case.id, error="down" if case.id == "q1" else None))
    assert failing.rows["q1"].scores["citation_recall"].unscored == 1
    again = []
    found = run(path, lambda case: again.append(case.id) or answer(case), resume=True)
    assert again == ["q1"]
    assert found.rows["q1"].scores["citation_recall"] == Score(1, 1)


def test_a_second_run_of_the_same_name_asks_everything_again(tmp_path):
    path = tmp_path / "run.jsonl"
    run(path)
    again = []
    run(path, lambda case: again.append(case.id) or answer(case))
    assert again == [case.id for case in CASES]


def test_a_run_that_breaks_leaves_the_one_before_it(tmp_path):
    path = tmp_path / "run.jsonl"
    run(path)
    before = path.read_bytes()

    def breaks(case):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(path, breaks)
    assert path.read_bytes() == before


def test_runs_are_never_mixed(tmp_path):
    run(tmp_path / "run.jsonl")
    with pytest.raises(InputError, match=r"a different set-up \(model\)"):
        run(tmp_path / "run.jsonl", header=HEADER | {"model": "other"}, resume=True)


def test_many_at_a_time_give_the_same_run(tmp_path):
    one, many = run(tmp_path / "one.jsonl"), run(tmp_path / "many.jsonl", jobs=4)
    assert {k: v.scores for k, v in one.rows.items()} == {k: v.scores for k, v in many.rows.items()}


def test_a_fault_in_the_set_up_stops_a_run_of_many(tmp_path):
    def refuse(case):
        raise InputError("no such model")

    with pytest.raises(InputError, match="no such model"):
        run(tmp_path / "run.jsonl", refuse, jobs=2)


def test_a_file_that_is_not_a_run_is_refused(tmp_path, write_jsonl):
    with pytest.raises(SourceError, match="not a run of this version"):
        read_run(write_jsonl("answers.jsonl", [{"id": "q", "text": "x"}]))
    with pytest.raises(SourceError, match="empty"):
        read_run(write_jsonl("empty.jsonl", []))
    with pytest.raises(SourceError, match="broken line"):
        read_run(write_jsonl("broken.jsonl", [{"header": HEADER}, {"id": "q"}]))


def test_a_question_without_an_answer_is_unscored_and_named(tmp_path):
    given = {case.id: answer(case) for case in CASES[1:]}
    score(CASES, given, ExactJudge(), HEADER, tmp_path / "run.jsonl")
    reported = document(read_run(tmp_path / "run.jsonl"))
    assert reported["failed"] == ["q0"]
    assert reported["metrics"]["citation_recall"]["unscored"] == 1
    assert reported["metrics"]["citation_recall"]["value"] == 1.0
    with pytest.raises(InputError, match="no answer to any"):
        score(CASES, {"other": answer(CASES[0])}, ExactJudge(), HEADER, tmp_path / "none.jsonl")


def test_the_table_prints_what_was_not_scored(tmp_path):
    found = run(tmp_path / "r.jsonl", lambda c: replace_case(answer(c), c.id, error="down" if c.id == "q1" else None))
    lines = table(found).splitlines()
    assert any("citation_recall" in line and "1 unscored" in line for line in lines)
    assert any("judge exact: no card" in line for line in lines)
    assert any("refusal_recall:absent" in line and "4 not applicable" in line for line in lines)


# --- compare ---


def compared(name, first, second):
    return comparison.corrected({name: comparison.difference(first, second)})[name]


def test_a_difference_by_hand():
    # First right on 2 of 4, second on 3 of 4: + 0.25.
    found = compared("expected", [of(n < 2) for n in range(4)], [of(n < 3) for n in range(4)])
    assert (found.first, found.second, found.difference) == (0.5, 0.75, 0.25)
    assert found.better is None  # four questions show nothing
    assert found.low <= 0.25 <= found.high


def test_pairing_sees_what_two_intervals_would_hide():
    # 60 questions of very different difficulty; the second is better by a tenth on every one.
    hard = [n / 100 for n in range(60)]
    first, second = [Score(h, 1) for h in hard], [Score(h + 0.1, 1) for h in hard]
    found = compared("expected_share", first, second)
    assert found.better == "second"
    assert found.low == pytest.approx(0.1) == found.high
    # A twentieth would do as well: the intervals of the two runs alone overlap by far.
    nearer = [Score(h + 0.05, 1) for h in hard]
    assert estimate(first).high > estimate(nearer).low
    assert compared("expected_share", first, nearer).better == "second"


def test_less_is_better_where_it_is():
    more = compared("contradiction_rate", [of(False)] * 40, [of(n % 2 == 0) for n in range(40)])
    assert (more.better, BY_NAME["contradiction_rate"].higher_is_better) == ("first", False)


def test_a_metric_that_one_run_lacks_is_not_compared():
    assert comparison.difference([NOT_APPLICABLE] * 3, [Score(1, 1)] * 3) is None


def test_only_what_both_runs_scored_is_compared():
    # The second failed on the two questions that the first got wrong: on the other two they are equal.
    found = comparison.difference([of(n < 2) for n in range(4)], [of(True), of(True), UNSCORED, UNSCORED])
    assert (found.first, found.second, found.difference) == (1.0, 1.0, 0.0)
    assert (found.questions, found.only_first, found.only_second) == (2, 2, 0)


def test_a_difference_that_one_metric_in_thirty_shows_by_chance_is_not_named():
    first = [of(n >= 6) for n in range(60)]
    alone = {"expected": comparison.difference(first, [of(True)] * 60)}
    assert comparison.corrected(alone)["expected"].better == "second"
    same = comparison.difference([of(True), of(False)], [of(True), of(False)])
    weaker = {"expected": comparison.difference([of(n >= 5) for n in range(60)], [of(n != 0) for n in range(60)])}
    assert 0.01 < weaker["expected"].p < 0.05
    many = weaker | dict.fromkeys([name for name in BY_NAME if name != "expected"], same)
    assert comparison.corrected(weaker)["expected"].better == "second"
    assert comparison.corrected(many)["expected"].better is None


def test_failing_on_hard_questions_gains_nothing(tmp_path):
    """A system that gives an error wherever it would be wrong is no better, and what it left out is named."""
    honest = run(tmp_path / "a.jsonl", lambda c: replace_case(answer(c), c.id, text="Dusk." if c.id > "q1" else "noon"))
    failing = run(
        tmp_path / "b.jsonl",
        lambda c: replace_case(answer(c), c.id, text="noon", error="down" if c.id > "q1" else None),
    )
    found = comparison.document(honest, failing)
    assert found["unanswered"] == {"first": [], "second": ["q2", "q3"]}
    assert found["metrics"]["expected"]["difference"] == 0.0
    text = comparison.markdown(honest, failing, ("honest", "failing"))
    assert "failing has no answer to 2 questions that the other run answered: q2, q3." in text
    assert "2 (2 only in honest)" in text


@pytest.mark.parametrize(
    ("questions", "discordant", "smallest"), [(20, 0.30, 0.34), (64, 0.10, 0.11), (64, 0.30, 0.19), (160, 0.10, 0.07)]
)
def test_the_smallest_difference_that_questions_can_show(questions, discordant, smallest):
    assert power.detectable(questions, discordant) == pytest.approx(smallest, abs=0.015)


def test_the_table_states_what_its_questions_can_show(tmp_path):
    assert "4 questions show a difference of " in table(run(tmp_path / "r.jsonl"))


def test_the_comparison_names_what_changed(tmp_path):
    first = run(tmp_path / "a.jsonl")
    second = run(
        tmp_path / "b.jsonl", lambda c: replace_case(answer(c), c.id, text="Dusk." if c.id == "q2" else "noon")
    )
    text = comparison.markdown(first, second, ("a|b", "c"))
    assert "| expected | 1.000 | 0.750 | -0.250 |" in text
    assert "| q2 | expected | 1.00 | 0.00 |" in text
    assert "a\\|b" in text
    other = run(tmp_path / "c.jsonl", cases=[Case("z", "figure", "dev", "Else?")])
    with pytest.raises(InputError, match="share no question"):
        comparison.document(first, other)


# --- report ---

NASTY = '<script>alert("x")</script><img src=x onerror=alert(1)>'


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links, self.marked, self.inside = [], [], [], False

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src", "action", "srcset")]
        self.inside = tag == "mark" or (self.inside and tag == "svg")

    def handle_data(self, data):
        if self.inside:
            self.marked.append(data)
        self.inside = False


def test_the_report_is_one_page_that_runs_nothing_and_fetches_nothing(tmp_path):
    nasty = Case("q0", "figure", "dev", f"What? {NASTY}", expected=((NASTY,),), forbidden=(NASTY,))
    passages = (dataclasses.replace(PASSAGES[0], title=NASTY, text=f"Tides rise at noon. {NASTY}"),)

    def ask(case):
        return dataclasses.replace(response((f"Tides {NASTY}", 1, 9), passages=passages), case=case.id, reason=NASTY)

    page = report.page(run(tmp_path / "r.jsonl", ask, header=HEADER | {"model": NASTY}, cases=[nasty]))
    found = Tags()
    found.feed(page)
    assert not {"script", "img", "iframe", "link", "object", "form"} & set(found.tags)
    assert all(link.startswith("#") for link in found.links)
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_the_report_has_what_baselines_score(tmp_path):
    page = report.page(run(tmp_path / "r.jsonl"))
    table = page.split("<h2>Beside baselines</h2>")[1].split("</table>")[0]
    assert "<td>this run</td>" in table
    assert all(f"<td>{name}</td>" in table for name in baselines.BASELINES)


def test_the_report_lights_the_quotes_and_shows_every_question(tmp_path):
    def ask(case):
        claim = pinned("Tides rise at noon.", (1, "Tides rise at noon."))
        return Response(case.id, "Tides rise at noon [1].", (claim,), PASSAGES, ("p1",), confidence=0.8)

    page = report.page(run(tmp_path / "r.jsonl", ask))
    found = Tags()
    found.feed(page)
    assert found.marked == ["Tides rise at noon."] * 4
    assert page.count("<details") == 4
    assert 'href="#q1p1"' in page
    assert 'id="q1p1"' in page
    assert json.dumps(document(run(tmp_path / "r.jsonl", ask)))
    for name in BY_NAME:
        assert name in page


def test_a_failed_and_a_refused_answer_can_be_read(tmp_path):
    def ask(case):
        if case.id == "q0":
            return replace_case(response(), "q0", error="no connection")
        return replace_case(response(), case.id, text="No abstract says.", declined=True, reason="low_relevance")

    page = report.page(run(tmp_path / "r.jsonl", ask))
    assert "Failed, unscored: no connection" in page
    assert "low_relevance" in page


def test_wrong_answers_stand_first_and_can_be_filtered_by_kind_and_stage(tmp_path):
    def ask(case):
        declined = case.id != "q1"
        return replace_case(response(), case.id, text="No abstract says.", declined=declined, claims=())

    cases = [
        Case("q0", "absent", "dev", "What is unknown?"),
        Case("q1", "absent", "dev", "What is not known?"),
        Case("q2", "figure", "dev", "How high?", gold=("p1",), expected=(("12%",),)),
    ]
    page = report.page(run(tmp_path / "r.jsonl", ask, cases=cases))
    assert re.findall(r"<small>(q\d), dev</small>", page) == ["q1", "q2", "q0"]
    found = re.findall(r'<details id="q\d" class="(kind\d) (stage\d)">', page)
    assert found == [("kind0", "stage0"), ("kind1", "stage1"), ("kind0", "stage2")]
    for label in dict.fromkeys(label for pair in found for label in pair):
        assert page.count(f'id="{label}"') == 1
        assert f"body:has(#{label}:checked) details:not(.{label})" in page


def test_a_second_run_stands_beside_the_first(tmp_path):
    def refused(case):
        return replace_case(response(), case.id, text="No abstract says.", declined=True, claims=())

    def answered(case):
        claim = pinned("Tides rise at noon.", (1, "Tides rise at noon."))
        return Response(case.id, "Tides rise at noon [1].", (claim,), PASSAGES, ("p1",))

    page = report.page(run(tmp_path / "a.jsonl", answered), run(tmp_path / "b.jsonl", refused))
    assert "Beside the other run" in page
    assert page.count('<div class="sides">') == page.count("<details")
    assert page.count("the other: ") == page.count("<details")
