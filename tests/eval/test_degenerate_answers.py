"""Answers that are bad in a known way, each with the score that it deserves: none may win where it should lose."""

import dataclasses
import json
import re

import pytest
from judges_for_tests import ExactJudge
from places import DEMO, SHARED, needs_shared

from eval.answers.authenticity import without_made_up
from eval.answers.file_format import from_record, read_responses
from eval.answers.llama_index import paper_id
from eval.answers.responses import Passage, Response
from eval.benchmarks import fields
from eval.gates.thresholds import GATE
from eval.json_lines import read_lines
from eval.judges.judged import judge_response, judge_usefulness
from eval.judges.labelled_pairs import read_pairs
from eval.judges.nuggets import pieces, sentence_of
from eval.judges.registry import open_judge
from eval.metrics import scores_of, summarise
from eval.questions import Case, Nugget, load_cases
from eval.runs import baselines
from eval.runs.comparison import difference
from rag.errors import SourceError
from rag.text.words import terms
from rag.types import Support, Verdict

CASES = [case for case in load_cases(split="test") if case.kind not in ("language", "dispute")]
PAPERS = {paper_id(row["title"]): (row["title"], row["abstract"]) for _, row in read_lines(DEMO)}
ANSWERABLE = [case for case in CASES if case.answerable]


def passages_of(case):
    """The gold papers and then others, five in all."""
    others = [paper for paper in PAPERS if paper not in case.gold]
    papers = [*case.gold, *others][: max(5, len(case.gold))]
    return tuple(Passage(paper, PAPERS[paper][1], PAPERS[paper][0]) for paper in papers)


def perfect(case, mark=lambda number: f"[{number}]"):
    """The evidence of a question, each sentence with its mark; a refusal where there is none."""
    passages = passages_of(case)
    place = {passage.id: number for number, passage in enumerate(passages, start=1)}
    text = " ".join(f"{e.sentence} {mark(place[e.paper])}" for e in case.evidence)
    return answer(case, text, passages) if case.evidence else Response(case.id, "No.", declined=True)


def answer(case, text, passages, **fields):
    given = [{"id": p.id, "text": p.text, "title": p.title} for p in passages]
    return from_record({"id": case.id, "text": text, "passages": given, "declined": False} | fields)


def measured(give, cases=CASES):
    scored = [scores_of(judge_response(case, give(case), ExactJudge())) for case in cases]
    return {name: found.value for name, found in summarise(scored).items()}


@pytest.fixture(scope="module")
def best():
    return measured(perfect)


def test_perfect_answers_score_one_everywhere(best):
    for name in ("right", "vital_recall", "nugget_recall", "answering_share", "nugget_f1", "citation_recall",
                 "citation_precision", "citation_f1", "citation_coverage", "groundedness", "text_agreement",
                 "refusal_recall"):  # fmt: skip
        assert best[name] == 1.0, name
    assert best["forbidden_rate"] == best["misattribution_rate"] == best["over_refusal"] == 0.0


STYLES = [
    "({})", "[^{}]", "[Source {}]", r"\\cite{{{}}}", "<cite>{}</cite>", "<sup>{}</sup>", "【{}†source】",
    "[{0}](#p{0})",
]  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_another_style_of_marks_changes_nothing(style, best):
    found = measured(lambda case: perfect(case, style.replace("\\\\", "\\").format))
    names = ("citation_recall", "citation_precision", "citation_f1", "citation_coverage", "groundedness", "right")
    assert {name: found[name] for name in names} == {name: best[name] for name in names}


def test_marks_before_their_sentences_change_nothing(best):
    def give(case):
        passages = passages_of(case)
        place = {passage.id: number for number, passage in enumerate(passages, start=1)}
        return answer(case, "\n".join(f"[{place[e.paper]}] {e.sentence}" for e in case.evidence), passages)

    found = measured(give, ANSWERABLE)
    assert found["citation_f1"] == found["citation_coverage"] == found["right"] == 1.0


def test_bullets_and_a_list_of_references_change_nothing(best):
    def give(case):
        passages = passages_of(case)
        place = {passage.id: number for number, passage in enumerate(passages, start=1)}
        lines = [f"- {e.sentence} [{place[e.paper]}]" for e in case.evidence]
        cited = sorted({place[e.paper] for e in case.evidence})
        return answer(
            case, "\n".join([*lines, "", "References:", *(f"[{n}] {passages[n - 1].title}" for n in cited)]), passages
        )

    found = measured(give, ANSWERABLE)
    assert found["citation_f1"] == found["groundedness"] == found["answering_share"] == found["right"] == 1.0


def test_marks_shifted_by_one():
    found = measured(lambda case: perfect(case, lambda number: f"[{number + 1}]"), ANSWERABLE)
    assert found["citation_recall"] < 0.1  # one paper may say a sentence of another
    assert found["misattribution_rate"] > 0.9
    assert found["right"] == 1.0  # what is said is right


def test_no_marks():
    found = measured(lambda case: perfect(case, lambda _: ""), ANSWERABLE)
    assert found["citation_f1"] == found["citation_coverage"] == 0.0


def test_citing_everything():
    found = measured(lambda case: perfect(case, lambda _: "[1-5]"), [c for c in ANSWERABLE if len(c.gold) == 1])
    assert found["citation_recall"] == 1.0
    assert found["citation_precision"] == pytest.approx(0.2, abs=0.02)


def test_sentences_of_a_wrong_paper_rightly_cited():
    def give(case):
        wrong = next(p for p in PAPERS if p not in case.gold)
        return baselines.whole_abstract(case, [Passage(wrong, PAPERS[wrong][1])])

    found = measured(give, ANSWERABLE)
    assert found["citation_f1"] == 1.0
    assert found["right"] < 0.05
    assert found["nugget_f1"] < 0.05


def test_padding_costs():
    """Twice as long, with sentences of the same papers or of another: well cited, yet less useful."""

    def padded(case, place):
        given = perfect(case)
        passage = given.passages[place]
        said = {claim.text for claim in given.claims}
        more = [s for s in baselines.sentences(passage.text) if s not in said][: len(said)]
        return answer(case, " ".join([given.text, *(f"{s} [{place + 1}]" for s in more)]), given.passages)

    for place in (0, -1):
        found = measured(lambda case, place=place: padded(case, place % 5), [c for c in ANSWERABLE if len(c.gold) < 5])
        assert found["citation_f1"] == 1.0
        assert found["answering_share"] < 0.65
        assert found["nugget_f1"] < 0.8


@pytest.mark.parametrize("name", ["refusal", "empty", "title", "random sentence"])
def test_saying_next_to_nothing_scores_nothing(name):
    found = measured(lambda case: baselines.BASELINES[name](case, passages_of(case)), ANSWERABLE)
    assert found["right"] < 0.3
    assert found["nugget_f1"] < 0.4


@pytest.mark.parametrize("name", ["whole abstract", "three whole abstracts"])
def test_quoting_whole_abstracts_loses(name, best):
    """Given the very papers that answer: an abstract holds what is asked, and much else before it."""
    found = measured(lambda case: baselines.BASELINES[name](case, passages_of(case)), ANSWERABLE)
    assert found["citation_f1"] == 1.0
    assert found["nugget_f1"] < 0.5
    assert found["right"] < 0.5


def test_the_sentences_that_share_most_words_with_the_question_lose(best):
    found = measured(lambda case: baselines.overlapping_sentences(case, passages_of(case)), ANSWERABLE)
    assert found["citation_f1"] == 1.0
    assert found["right"] < 0.75
    assert found["nugget_f1"] < 0.6


@pytest.fixture(scope="module")
def second_set():
    """The answerable questions of `eval/data/fields`, each with its gold papers and then others of its field."""
    found = []
    for field in fields.FIELDS:
        papers = {
            paper.id: Passage(paper.id, paper.abstract, paper.title) for paper in fields.read_field(field, SHARED)
        }
        for case in fields.field_cases(field, {name: name for name in papers}):
            others = [name for name in papers if name not in case.gold]
            passages = tuple(papers[name] for name in [*case.gold, *others][: max(5, len(case.gold))])
            found += [(case, passages)] * case.answerable
    return found


def usefulness_of(pairs, give):
    found = [judge_usefulness(case, give(case, passages), ExactJudge()) for case, passages in pairs]
    estimates = summarise([{m.name: m.score(item) for m in baselines.METRICS} for item in found], baselines.COLUMNS)
    return {name: estimate.value for name, estimate in estimates.items()}


def evidence_of(case, passages):
    """A perfect answer: each sentence that states a fact, once, with its mark."""
    said = dict.fromkeys(
        (sentence_of(e, passages), place)
        for nugget in case.facts
        for e in nugget.evidence
        for place, passage in enumerate(passages, start=1)
        if passage.id == e.paper
    )
    return answer(case, " ".join(f"{sentence} [{place}]" for sentence, place in said), passages)


# The most that each may score on `right` and on `nugget_f1`, with the very papers that answer and an ideal judge.
LIMITS = {
    "whole abstract": (0.25, 0.2),
    "three whole abstracts": (0.25, 0.1),
    "title": (0.02, 0.02),
    "random sentence": (0.15, 0.2),
    "overlapping sentences": (0.47, 0.4),
    "refusal": (0.0, 0.0),
    "empty": (0.0, 0.0),
}


@needs_shared
def test_degenerate_answers_lose_on_the_second_set_too(second_set):
    best = usefulness_of(second_set, evidence_of)
    assert best["right"] > 0.95
    assert best["nugget_f1"] > 0.95
    for name, give in baselines.BASELINES.items():
        found = usefulness_of(second_set, give)
        right, nugget_f1 = LIMITS[name]
        assert found["right"] <= right, name
        assert found["nugget_f1"] <= nugget_f1, name


# Right answers as a person would put them, none of them a string that was expected before.
BY_A_PERSON = {
    "finding-056": "There were six.",
    "definition-052": "It is the final hidden state, and goes back in as the next input.",
    "definition-054": "A direction in the space of weights.",
    "method-058": "With Fourier transforms and trig identities.",
    "paraphrase-055": "The heavy ones about 8 billion years ago, the light ones only 4 billion years ago.",
    "comparison-054": "Nine rank-1 adapters in the one, one rank-1 adapter in the other.",
    "paraphrase-051": "Between 31 and 96 percent of the time.",
    "paraphrase-004": "Yes, on a server with consumer graphics cards.",
    "comparison-002": "Agents talking to each other there, punishment that costs something here.",
    "method-001": "PassUntil, which draws a huge number of samples.",
    "finding-057": "A thick disc.",
    "finding-059": "That the examples are correct.",
    "paraphrase-054": "Yes, rescaling one head is enough.",
    "false-premise-053": "They needn't: models of up to 52B are quantized with minimal degradation.",
    "dispute-006": "It arises from genomic sequences too.",
}


@pytest.fixture(scope="module")
def judge():
    return open_judge("builtin")


def is_right(question, text, judge):
    case = next(case for case in load_cases() if case.id == question)
    return scores_of(judge_usefulness(case, answer(case, f"{text} [1]", passages_of(case)), judge))["right"].value


def test_right_answers_of_a_person_are_right(judge):
    """All but one at most: the judge errs."""
    found = {name: is_right(name, text, judge) for name, text in BY_A_PERSON.items()}
    assert sum(found.values()) >= len(found) - 1, [name for name, right in found.items() if not right]


def test_false_answers_that_hold_the_expected_strings_are_not_all_right(judge):
    """Figures, sides and roles exchanged, or the opposite: each holds the strings of a right answer, nothing forbidden.

    Written before any judge saw them. Of the 40 right ones it keeps 34, of the 40 false ones it refuses 28.
    """
    stated = [row for _, row in read_lines(GATE.parent / "stated_answers.jsonl")]
    found = [(row["right"], is_right(row["question"], row["answer"], judge)) for row in stated]
    assert len(found) == 80
    assert sum(said for right, said in found if right) >= 29
    assert sum(1 - said for right, said in found if not right) >= 22


@pytest.mark.parametrize("spoilt", ["Nobody holds that {}", "It is false that {}"])
def test_a_quote_within_a_denial_is_judged(spoilt):
    """The evidence stands there word for word, and the sentence says the opposite."""

    def give(case):
        text = " ".join(f"{spoilt.format(e.sentence)} [1]" for e in case.evidence)
        return answer(case, text, passages_of(case))

    assert measured(give, [case for case in ANSWERABLE if not case.forbidden])["right"] < 0.1


def lowered(sentence):
    return sentence if sentence[:2].isupper() else sentence[0].lower() + sentence[1:]


def other_figure(sentence):
    """The sentence with another number in place of its last."""
    number = re.findall(r"\d+", sentence)[-1]
    before, _, after = sentence.rpartition(number)
    return f"{before}{int(number) * 2 + 3}{after}"


DENIALS = {
    "denied in the next sentence": lambda s: f"{s} It is not the case that {lowered(s)}",
    "denied in the sentence before": lambda s: f"It is not the case that {lowered(s)} {s}",
    "its negation flipped": lambda s: f"{s} {flipped(s)}",
    "another figure": lambda s: f"{s} {other_figure(s)}",
    "denied after much else": lambda s: f"{s} {'Whales sleep upright in deep water. ' * 15}{other_figure(s)}",
}


@pytest.mark.parametrize("name", DENIALS)
def test_an_answer_that_denies_what_it_states_is_not_right(name, judge):
    """It tells its reader nothing, so it loses on every number of usefulness."""
    asked = ("figure-052", "figure-004", "figure-007", "figure-010")
    cases = [case for case in load_cases() if case.id in asked and any(map(str.isdigit, case.evidence[0].sentence))]
    assert len(cases) >= 3
    given = [answer(c, f"{DENIALS[name](c.evidence[0].sentence)} [1]", passages_of(c)) for c in cases]
    items = [judge_usefulness(case, one, judge) for case, one in zip(cases, given, strict=True)]
    found = [scores_of(item) for item in items]
    for metric in ("right", "vital_recall", "answering_share", "nugget_f1"):
        assert sum(scores[metric].value for scores in found) <= 1.0, metric
    assert sum("denied" in item.nuggets.degrees for item in items) >= len(items) - 1


def test_two_papers_that_disagree_are_no_denial():
    """Each sentence is what its paper says; readers are told that they differ."""

    class Differing(ExactJudge):
        def check(self, sentence, evidence):
            if sentence != evidence[0] and len(evidence) == 1 and sentence.startswith("Tides"):
                return Support(0.0, Verdict.CONTRADICTED)
            return super().check(sentence, evidence)

    passages = [Passage("p1", "Tides rise by 12%."), Passage("p2", "Tides rise by 40%.")]
    case = Case("q", "figure", "dev", "How much?", gold=("p1",), expected=(("12%",),))
    both = answer(case, "Tides rise by 12%. [1] Tides rise by 40%. [2]", passages)
    assert scores_of(judge_usefulness(case, both, Differing()))["right"].value == 1.0
    invented = answer(case, "Tides rise by 12%. [1] Tides rise by 70%. [2]", passages)
    assert scores_of(judge_usefulness(case, invented, Differing()))["right"].value == 0.0


@pytest.mark.parametrize("form", ["It is possible that {}", "Perhaps {}"])
def test_a_hedge_around_the_evidence_states_it_in_part_at_most(form, judge):
    case = next(case for case in load_cases() if case.id == "figure-052")
    said = answer(case, f"{form.format(lowered(case.evidence[0].sentence))} [1]", passages_of(case))
    assert scores_of(judge_usefulness(case, said, judge))["right"].value == 0.0


def test_an_answer_that_the_judge_cannot_read_is_unscored(judge):
    case = next(case for case in load_cases() if case.id == "figure-052")
    german = "Die besseren Modelle sind zu 99% kohärent, die früheren waren es zu 67%. [1]"
    given = answer(case, german, passages_of(case))
    found = scores_of(judge_response(case, given, judge))
    for name in ("right", "vital_recall", "nugget_recall", "answering_share", "nugget_f1", "citation_recall"):
        assert (found[name].value, found[name].unscored) == (None, 1), name


class Labelled:
    """A judge that knows the labels that people gave to whole sentences, and supports no part of others."""

    def __init__(self, pairs):
        self.labels = {pair.claim: pair.label for pair in pairs}

    def check(self, sentence, evidence):
        supported = self.labels.get(sentence) == "supported"
        return Support(float(supported), Verdict.SUPPORTED if supported else Verdict.CONTRADICTED)


@pytest.mark.parametrize(("supported", "score"), [(True, 1.0), (False, 0.0)])
def test_fluent_claims_score_by_whether_they_hold(supported, score):
    """Figures, sides and roles exchanged in good English: an ideal judge gives them nothing, the right ones all."""
    pairs = [pair for file in ("claims.jsonl", "restated.jsonl") for pair in read_pairs(GATE.parent / file)]
    case = Case("q", "finding", "dev", "What was found?")
    chosen = [pair for pair in pairs if (pair.label == "supported") is supported]
    given = [answer(case, f"{pair.claim} [1]", [Passage("p1", pair.source_text)]) for pair in chosen]
    found = summarise([scores_of(judge_response(case, one, Labelled(pairs))) for one in given])
    assert len(given) == (52 if supported else 63)
    assert found["citation_f1"].value == found["support_recall"].value == found["groundedness"].value == score
    assert found["contradiction_rate"].value == 1 - score


def test_refusing_everything_is_right_only_where_there_is_no_answer():
    found = measured(lambda case: baselines.refusal(case, ()))
    unanswerable = sum(not case.answerable for case in CASES) / len(CASES)
    assert found["right"] == pytest.approx(unanswerable)
    assert (found["over_refusal"], found["nugget_recall"]) == (1.0, 0.0)


def test_refusing_is_wrong_even_where_only_the_gold_paper_is_known():
    """Else refusing would be best where few questions have nuggets. An answer to the others is not judged."""
    known = Case("q", "question", "dev", "How much?", gold=("p1",))
    given = answer(known, "By 12%. [1]", [Passage("p1", "Tides rise by 12%.")])
    assert scores_of(judge_response(known, baselines.refusal(known, ()), ExactJudge()))["right"].value == 0.0
    assert scores_of(judge_response(known, baselines.empty(known, ()), ExactJudge()))["right"].value == 0.0
    assert scores_of(judge_response(known, given, ExactJudge()))["right"].whole == 0.0


@pytest.mark.parametrize("spelt", ["14%", "fourteen percent", "14 per cent", "14.0 %", "14\u200b%"])
def test_a_forbidden_figure_is_forbidden_in_every_spelling(spelt):
    case = Case("q", "figure", "dev", "How much?", gold=("p1",), expected=(("12%",),), forbidden=("14%", "0.5B"))
    passages = [Passage("p1", "Tides rise by 12%.")]
    both = answer(case, f"Tides rise by 12%. [1] Others say {spelt}. [1]", passages)
    found = scores_of(judge_response(case, both, ExactJudge()))
    assert (found["forbidden_rate"].value, found["right"].value) == (1.0, 0.0)
    right = answer(case, "Tides rise by 12%. [1] This was 14 years ago. [1]", passages)
    assert scores_of(judge_response(case, right, ExactJudge()))["forbidden_rate"].value == 0.0


def test_passages_that_were_made_up_count_for_nothing():
    def give(case):
        text = " ".join(group[0] for group in case.expected) + " it is, as is well known. [1]"
        made_up = [Passage(paper, text) for paper in case.gold]
        return without_made_up(answer(case, text, made_up), PAPERS)

    found = measured(give, ANSWERABLE)
    assert found["recall@5"] == found["citation_f1"] == found["citation_validity"] == 0.0


def test_a_text_of_lies_over_safe_sentences_is_refused(tmp_path):
    case = ANSWERABLE[0]
    safe = {"text": case.evidence[0].sentence, "marks": [1]}
    line = {"id": case.id, "text": "Bees cure colds [1].", "sentences": [safe], "passages": []}
    path = tmp_path / "lies.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(SourceError, match="the text goes on 'bees cure colds'"):
        read_responses(path)
    found = measured(lambda _: dataclasses.replace(perfect(case), text="Bees cure colds [1]."), [case])
    assert found["text_agreement"] == 0.0


def test_correct_answers_in_other_words_score_as_well(best):
    """A sentence that is hardly more than the string that was asked for is right, in whatever words."""

    def give(case):
        text = " ".join(f"In short: {group[0]}. [1]" for group in case.expected)
        return answer(case, text, passages_of(case))

    assert measured(give, ANSWERABLE)["right"] == 1.0


def test_every_mark_on_one_paper():
    """On the last paper nothing is supported, on the first what it says itself: one paper may say it for another."""
    several = [case for case in ANSWERABLE if len(case.gold) > 1]
    last = measured(lambda case: perfect(case, lambda _: f"[{len(passages_of(case))}]"), ANSWERABLE)
    assert last["citation_recall"] < 0.1
    assert last["misattribution_rate"] > 0.9
    assert measured(lambda case: perfect(case, lambda _: "[1]"), several)["citation_recall"] < 0.7


def test_filler_without_marks_costs_recall_and_coverage_and_no_precision():
    filler = "Many researchers care about such questions today. Progress on this front continues at great speed."

    def give(case):
        given = perfect(case)
        return answer(case, f"{given.text} {filler}", given.passages)

    found = measured(give, ANSWERABLE)
    assert found["citation_precision"] == 1.0
    assert found["citation_recall"] < 0.5
    assert found["citation_coverage"] < 0.5


def test_failing_on_hard_questions_is_counted_and_wins_no_comparison():
    hard = {case.id for case in ANSWERABLE[::2]}

    def honest(case):
        return baselines.title(case, passages_of(case)) if case.id in hard else perfect(case)

    def failing(case):
        return Response(case.id, "", error="too hard") if case.id in hard else perfect(case)

    first, second = (
        [scores_of(judge_response(case, give(case), ExactJudge()))["right"] for case in ANSWERABLE]
        for give in (honest, failing)
    )
    found = difference(first, second)
    assert found.difference == 0.0
    assert (found.only_first, found.only_second) == (len(hard), 0)


def place_of(case):
    """The number of the passage of each gold paper."""
    return {passage.id: number for number, passage in enumerate(passages_of(case), start=1)}


def nearest_of_all(case):
    """The sentence of each of ten papers that shares most words with the question."""
    papers = list(dict.fromkeys([*case.gold, *PAPERS]))[:10]
    passages = tuple(Passage(paper, PAPERS[paper][1], PAPERS[paper][0]) for paper in papers)
    asked = set(terms(case.question))
    nearest = [max(baselines.sentences(p.text), key=lambda s: len(asked & set(terms(s)))) for p in passages]
    return answer(case, " ".join(f"{s} [{n}]" for n, s in enumerate(nearest, start=1)), passages)


def as_one_sentence(case, count=1):
    """Whole abstracts, handed in as one sentence."""
    passages = passages_of(case)[:count]
    marks = list(range(1, len(passages) + 1))
    text = " ".join(passage.text for passage in passages)
    cited = f"{text} {''.join(f'[{mark}]' for mark in marks)}"
    return answer(case, cited, passages, sentences=[{"text": text, "marks": marks}])


def figures_of(case):
    """Every figure of the first abstract, each in a sentence of its own: one of them will be right."""
    passages = passages_of(case)
    found = dict.fromkeys(re.findall(r"\d[\d.,]*\d%?|\d%?", passages[0].text))
    return answer(case, " ".join(f"It is {figure}. [1]" for figure in found) or "None. [1]", passages)


def test_the_question_again_and_a_figure_left_out_state_no_fact():
    """To a judge that accepts everything as well."""

    class Accepting:
        def check(self, sentence, evidence):
            return Support(1.0, Verdict.SUPPORTED)

    fact = Nugget("Northern tides rise fast, by 12%.", True, alternatives=("12%",))
    case = Case("q", "figure", "dev", "How fast do northern tides rise?", gold=("p1",), nuggets=(fact,))
    texts = ["How fast do northern tides rise.", "How fast do tides rise:", "Northern tides rise fast, by 7%.",
             "Northern tides rise by twelve percent."]  # fmt: skip
    found = [scores_of(judge_usefulness(case, answer(case, text, []), Accepting()))["right"].value for text in texts]
    assert found == [0.0, 0.0, 0.0, 1.0]


# What each deserves at most, of `right` and of `nugget_f1`, with the very papers that answer and an ideal judge.
CHEATS = {
    "first sentence": (
        lambda c: answer(c, f"{baselines.sentences(passages_of(c)[0].text)[0]} [1]", passages_of(c)),
        0.05,
        0.1,
    ),
    "the question as a statement": (lambda c: answer(c, f"{c.question.rstrip('?')}. [1]", passages_of(c)), 0.02, 0.02),
    "its keywords": (lambda c: answer(c, f"{' '.join(terms(c.question))}. [1]", passages_of(c)), 0.02, 0.02),
    "keywords on a title": (
        lambda c: answer(c, f"{passages_of(c)[0].title}, {' '.join(terms(c.question))}. [1]", passages_of(c)),
        0.02,
        0.02,
    ),
    "nearest sentences of ten papers": (nearest_of_all, 0.45, 0.15),
    "an abstract as one sentence": (as_one_sentence, 0.4, 0.2),
    "three abstracts as one sentence": (lambda c: as_one_sentence(c, 3), 0.4, 0.1),
    "every figure": (figures_of, 0.05, 0.05),
    "hedges": (
        lambda c: answer(
            c,
            " ".join(f"Perhaps it is not false that {e.sentence} [{place_of(c)[e.paper]}]" for e in c.evidence),
            passages_of(c),
        ),
        0.02,
        0.02,
    ),
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheats_lose_where_they_should(name):
    give, right, nugget_f1 = CHEATS[name]
    found = measured(give, ANSWERABLE)
    assert found["right"] <= right
    assert found["nugget_f1"] <= nugget_f1


def test_saying_everything_three_times_costs_what_padding_costs():
    def give(case):
        said = [f"{e.sentence} [{place_of(case)[e.paper]}]" for e in case.evidence for _ in range(3)]
        return answer(case, " ".join(said), passages_of(case))

    found = measured(give, ANSWERABLE)
    assert found["answering_share"] < 0.4
    assert found["nugget_f1"] < 0.55


@pytest.mark.parametrize("text", ["\u200b", "… — .", "[1]", "[1][2]."])
def test_signs_and_marks_alone_are_an_empty_answer(text):
    found = measured(lambda case: answer(case, text, passages_of(case)), ANSWERABLE)
    assert found["empty_answers"] == 1.0
    assert found["citation_f1"] is found["citation_validity"] is None
    assert found["right"] == 0.0


@pytest.mark.parametrize("form", ["So it is {}:", "Is it {}?", "The following: {}."])
def test_facts_in_a_form_that_asserts_nothing_need_citations_all_the_same(form):
    asked = [case for case in ANSWERABLE if len(case.expected) == 1]
    found = measured(lambda case: answer(case, form.format(case.expected[0][0]), passages_of(case)), asked)
    assert found["right"] > 0.9
    assert found["citation_f1"] == found["citation_coverage"] == 0.0


def test_two_short_facts_are_no_list_of_candidates():
    case = Case("q", "figure", "dev", "How many?", gold=("p1",), expected=(("12",), ("40",)))
    passages = [Passage("p1", "It took 12 rounds of 40 turns.")]
    found = scores_of(judge_response(case, answer(case, "It is 12. [1] It is 40. [1]", passages), ExactJudge()))
    assert found["right"].value == found["answering_share"].value == 1.0
    listed = scores_of(
        judge_response(case, answer(case, "It is 12. [1] It is 40. [1] It is 7. [1]", passages), ExactJudge())
    )
    assert listed["right"].value == 0.0


def irrelevant(case, count=30):
    """True sentences of papers that don't answer, each with its mark."""
    passages = passages_of(case)
    found = [(s, n) for n, p in enumerate(passages, 1) if p.id not in case.gold for s in baselines.sentences(p.text)]
    return " ".join(f"{sentence} [{number}]" for sentence, number in found[:count])


def flipped(sentence):
    """The sentence with its negation taken out, or one put in."""
    without = re.sub(r"\b(?:not|no|never) ", "", sentence, count=1)
    negated = re.sub(r"\b(is|are|was|were|can|has|have)\b", r"\1 not", sentence, count=1)
    return next((text for text in (without, negated) if text != sentence), f"It is not so that {sentence}")


def each(case, form, marks="[{}]"):
    """The evidence, each sentence in this form with its mark."""
    said = ((e.sentence, place_of(case)[e.paper]) for e in case.evidence)
    return answer(case, " ".join(f"{form(s)} {marks.format(n)}" for s, n in said), passages_of(case))


def joined(case, by):
    """Every sentence of every paper as one, joined by a sign, with every mark."""
    passages = passages_of(case)
    whole = by.join(s.rstrip(".") for p in passages for s in baselines.sentences(p.text))
    marks = list(range(1, len(passages) + 1))
    return answer(case, f"{whole} [1-{len(passages)}]", passages, sentences=[{"text": whole, "marks": marks}])


def words_of(case, key=None):
    """The words of the gold abstract as a list: what is asked for is among them."""
    words = sorted(dict.fromkeys(terms(passages_of(case)[0].text)), key=key)
    return answer(case, f"{', '.join(words)}. [1]", passages_of(case))


def either(case, form):
    """What is asked for beside a rival: one of the two is right."""
    said = " ".join(f"{form.format(group[0], 'the opposite' if not group[0][0].isdigit() else '97.3%')} [1]"
                    for group in case.expected)  # fmt: skip
    return answer(case, said, passages_of(case))


# What each is scored by, and the most it may have there; what the evidence itself has is 1 everywhere.
DEGENERATE = {
    "thirty true sentences behind the answer": (
        lambda c: answer(c, f"{perfect(c).text} {irrelevant(c)}", passages_of(c)), "nugget_f1", 0.3),
    "thirty true sentences before the answer": (
        lambda c: answer(c, f"{irrelevant(c)} {perfect(c).text}", passages_of(c)), "right", 0.05),
    "the negations of the evidence flipped": (lambda c: each(c, flipped), "right", 0.1),
    "everything hedged": (lambda c: each(c, lambda s: f"It might perhaps be that {s}"), "right", 0.05),
    "the question three times": (lambda c: answer(c, f"{c.question} [1] " * 3, passages_of(c)), "right", 0.05),
    "every sentence joined by semicolons": (lambda c: joined(c, "; "), "right", 0.3),
    "every sentence joined by commas": (lambda c: joined(c, ", and "), "right", 0.3),
    "the right sentence with every paper": (lambda c: each(c, str, "[1-5]"), "citation_precision", 0.35),
    "the right sentence with an invented mark": (lambda c: each(c, str, "[{}][99]"), "citation_precision", 0.5),
    "the words of the abstract": (words_of, "right", 0.05),
    "the words of the abstract backwards": (lambda c: words_of(c, lambda w: w[::-1]), "right", 0.05),
    "the words of the evidence shuffled": (
        lambda c: each(c, lambda s: " ".join(sorted(s.split()))), "right", 0.15),
    "the first half of the evidence": (
        lambda c: each(c, lambda s: " ".join(s.split()[: len(s.split()) // 2])), "right", 0.45),
    "the answer or a rival": (lambda c: either(c, "It is {} or {}."), "right", 0.2),
    "the answer and a rival": (lambda c: either(c, "{}, {}."), "right", 0.2),
    "false headings": (
        lambda c: answer(c, f"{perfect(c).text}\n" + "Bees cure winter colds in nine days:\n\n" * 10, passages_of(c)),
        "nugget_f1", 0.5),
    "rhetorical questions": (
        lambda c: answer(c, perfect(c).text + " Did you know that bees cure winter colds?" * 10, passages_of(c)),
        "nugget_f1", 0.5),
    "false claims as remarks on the answer": (
        lambda c: answer(c, perfect(c).text + " I found that bees cure winter colds." * 10, passages_of(c)),
        "nugget_f1", 0.5),
}  # fmt: skip


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_answers_lose_on_a_named_metric(name):
    give, metric, most = DEGENERATE[name]
    found = measured(give, [case for case in ANSWERABLE if len(case.gold) == 1])
    assert found[metric] <= most


@pytest.mark.parametrize("sign", ["\u200b", "/", "…", ""])
def test_words_that_are_run_together_are_read_no_further_than_others(sign):
    """The whole abstract as one long word would else be a short answer that states every fact."""
    case = next(case for case in ANSWERABLE if len(case.gold) == 1)
    passages, judge = passages_of(case), ExactJudge()
    abstract = passages[0].text
    joined_up = answer(case, f"{sign.join(abstract.split())} [1]", passages)
    item = judge_usefulness(case, joined_up, judge)
    assert scores_of(item)["answer_words"].part > 0.5 * len(abstract.split())
    texts = {text for said, evidence in judge.asked for text in (said, *evidence)} - {abstract}
    assert all(len(text) < 0.8 * len(abstract) for text in texts)
    assert len(pieces(joined_up.claims[0].text)) > 1
