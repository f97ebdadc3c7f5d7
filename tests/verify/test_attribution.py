"""Keep, re-cite, mark or drop: what a reader sees of a draft's sentence, and what is said about the rest."""

from __future__ import annotations

import pytest

from rag.models.reader import Odds
from rag.types import Draft, Evidence, Notice, Paper, Role, Support, Verdict
from rag.verify import BuiltinChecker, check, default_checker, default_embedder


def paper(name: str, *sentences: str, **fields: object) -> Paper:
    fields = {"title": f"On {name}", **fields}
    return Paper(id=name, abstract=" ".join(sentences), **fields)  # type: ignore[arg-type]  # test


def evidence(*papers: tuple[Paper, ...], role: Role = Role.RESULT) -> list[Evidence]:
    found: list[Evidence] = []
    for one in papers:
        for sentence in one[1:]:
            start = one[0].abstract.index(sentence)
            found.append(Evidence(len(found) + 1, one[0], start, start + len(sentence), sentence, 0.6, role))
    return found


BEES = "Honey bees exposed to the pesticide learned 21% fewer odours than the control group."
HIVES = "Hives near orchards produced more honey in spring than hives in towns."
ROADS = "Asphalt with recycled rubber lasted four years longer on mountain roads."


@pytest.fixture
def shown() -> list[Evidence]:
    bees, roads = paper("bees", BEES, HIVES), paper("roads", ROADS)
    return evidence((bees, BEES, HIVES), (roads, ROADS))


def codes(issues: tuple[object, ...]) -> list[str]:
    return [issue.code for issue in issues]  # type: ignore[attr-defined]  # issues only


def test_a_supported_sentence_is_kept_with_its_exact_quote(shown):
    numbers: dict[str, int] = {}
    sentence, issues = check(Draft(BEES, (1,)), shown, default_checker(), numbers)
    assert sentence is not None
    assert sentence.verdict is Verdict.SUPPORTED
    (pin,) = sentence.citations
    assert pin.paper.abstract[pin.start : pin.end] == pin.quote == BEES
    assert (pin.number, numbers, issues) == (1, {"bees": 1}, ())


@pytest.mark.parametrize(
    "own",
    ["Moths avoid the lamp that Fell [2016] proposed.", "Moths spell words like [A] [B] ... and rest at noon, 7 of 9."],
)
def test_the_abstracts_own_brackets_and_dots_are_not_a_foreign_citation(own):
    sentence, issues = check(Draft(own, (1,)), evidence((paper("moths", own), own)), default_checker(), {})
    assert sentence is not None
    assert (sentence.text, issues) == (own, ())


@pytest.mark.parametrize(
    ("text", "cited", "code"),
    [
        (BEES, (1, 7), "invented_number"),
        (BEES, (), "uncited_sentence"),
        ("Honey bees exposed to the pesticide learned 12% fewer odours than the control group.", (1,),
         "contradicted_sentence"),
        ("Vitamin C cures the common cold in all adults.", (), "unsupported_sentence"),
        (BEES, (3,), "recited"),
        (BEES, (1, 3), "irrelevant_citation"),
        (BEES[:-1] + " (Jones et al., 2019).", (1,), "foreign_citation"),
        (BEES[:-1] + " [7].", (1,), "foreign_citation"),
    ],
)  # fmt: skip
def test_a_seeded_fault_is_reported_and_not_shown_as_true(shown, text, cited, code):
    sentence, issues = check(Draft(text, cited), shown, default_checker(), {})
    assert code in codes(issues)
    if sentence is not None:
        assert sentence.text == BEES
        assert [pin.quote for pin in sentence.citations] == [BEES]


def test_a_name_that_no_paper_mentions_takes_the_sentence_with_it():
    own = "It scored 72.6% on TideQA, 2.4% above the earlier best, with a corpus of 40 harbours."
    shown = evidence((paper("pier", own, title="PierNet reads tide tables"), own))
    wrong, issues = check(Draft("PierNet scored 72.6% on HarbourBench.", (1,)), shown, default_checker(), {})
    assert wrong is None
    assert "HarbourBench" in issues[0].message
    right, issues = check(Draft("PierNet scored 72.6% on TideQA.", (1,)), shown, default_checker(), {})
    assert right is not None  # the title names it
    assert issues == () or right.verdict is not Verdict.SUPPORTED


@pytest.mark.parametrize(
    "own",
    [
        "Answers of pier-harbour-003 beat those of older readers on half of the tide tables.",
        "Counts of CD4+ T cells in gulls rose with the tide.",
    ],
)
def test_a_name_in_an_odd_spelling_is_found_in_any_place(own):
    sentence, issues = check(Draft(own, (1,)), evidence((paper("pier", own), own)), default_checker(), {})
    assert (sentence is not None, issues) == (True, ())


def test_a_name_that_only_an_uncited_paper_mentions_is_marked():
    own, other = "The model scored 72.6% on tide tables with forty harbours.", "TideQA holds four thousand questions."
    shown = evidence((paper("pier", own), own), (paper("quiz", other), other))
    text = "The model scored 72.6% on tide tables of TideQA with forty harbours."
    sentence, issues = check(Draft(text, (1,)), shown, default_checker(), {})
    assert sentence is None or sentence.verdict is not Verdict.SUPPORTED
    assert codes(issues) == ["unsupported_sentence"]


def test_an_invented_end_of_a_copied_sentence_is_marked_with_its_words():
    text = f"{HIVES[:-1]}, but this lead is never kept by beekeepers over seventy."
    sentence, issues = check(Draft(text, (1,)), evidence((paper("hives", HIVES), HIVES)), default_checker(), {})
    assert sentence is None or sentence.verdict is not Verdict.SUPPORTED
    assert "beekeepers" in issues[0].message


def test_a_finding_that_rests_on_an_aim_is_marked():
    aim = "We aim to show that vaccination reduces transmission of the virus in schools."
    shown = evidence((paper("aim", aim), aim), role=Role.AIM)
    sentence, issues = check(
        Draft("Vaccination reduces transmission of the virus in schools.", (1,)), shown, default_checker(), {}
    )
    assert sentence is None or sentence.verdict is not Verdict.SUPPORTED
    assert {"aim_as_finding", "unsupported_sentence"} & set(codes(issues))


def test_a_retracted_paper_says_so():
    retracted = paper("bees", BEES, notices=(Notice("retraction"),))
    sentence, issues = check(Draft(BEES, (1,)), evidence((retracted, BEES)), default_checker(), {})
    assert sentence is not None
    assert codes(issues) == ["retracted_paper"]


@pytest.mark.parametrize(("kind", "doubt"), [("correction", "a correction"), ("concern", "an expression of concern")])
def test_a_corrected_or_doubted_paper_says_so(kind, doubt):
    noticed = paper("bees", BEES, notices=(Notice(kind, "Erratum in J Hive 3", "notices.ris#2"),))
    sentence, issues = check(Draft(BEES, (1,)), evidence((noticed, BEES)), default_checker(), {})
    assert sentence is not None
    assert codes(issues) == ["noticed_paper"]
    assert f"has {doubt}, according to “Erratum in J Hive 3” (notices.ris#2)" in issues[0].message


NET = "HoltNet counts otters from sound recorded at the bank."
FOUND = "It finds 87% of the otters on the Severn recordings."
STOATS = "Camera traps count stoats and halve the cost of a survey."


def test_two_half_quotes_are_not_one_finding():
    shown = evidence((paper("otters", NET, FOUND), NET, FOUND), (paper("stoats", STOATS), STOATS))
    stitched = "HoltNet counts otters and halve the cost of a survey."
    sentence, issues = check(Draft(stitched, (1, 3)), shown, default_checker(), {})
    assert sentence is None
    assert codes(issues) == ["unsupported_sentence"]


def test_the_sentence_that_names_what_it_is_about_is_pinned_with_it():
    shown = evidence((paper("otters", NET, FOUND), NET, FOUND))
    text = "HoltNet finds 87% of the otters on the Severn recordings."
    sentence, issues = check(Draft(text, (2,)), shown, default_checker(), {})
    assert sentence is not None
    assert sentence.verdict is Verdict.SUPPORTED
    assert [pin.quote for pin in sentence.citations] == [FOUND, NET]
    assert codes(issues) == ["recited"]


def test_another_name_is_not_excused_by_a_sentence_that_holds_it():
    rival = "We compare it with RiverEar, an older counter."
    shown = evidence((paper("otters", NET, rival), "HoltNet counts otters from sound recorded at the bank.", rival))
    sentence, issues = check(
        Draft("RiverEar counts otters from sound recorded at the bank.", (1,)), shown, default_checker(), {}
    )
    assert sentence is None
    assert codes(issues) == ["unsupported_sentence"]


def test_papers_that_agree_and_disagree_are_named_and_copies_count_once():
    claim = "Flower strips increase the number of visits by bees."
    says_no = "Flower strips do not increase the number of visits by bees."
    first, copy = paper("one", claim), paper("preprint", claim, title="On one")
    shown = evidence((first, claim), (copy, claim), (paper("two", says_no), says_no), (paper("three", claim), claim))
    numbers: dict[str, int] = {}
    sentence, _ = check(Draft(claim, (1,)), shown, default_checker(), numbers)
    assert sentence is not None
    assert sentence.agreement.supporting == ("one", "three")
    (against,) = sentence.agreement.contradicting
    assert (against.paper.id, against.quote, against.number) == ("two", says_no, numbers["two"])


SLEPT = "Shift workers who took melatonin slept longer by day than those who took a placebo."
VAGUE = "Melatonin changed how shift workers slept."


def test_a_contradicted_copy_is_dropped_and_not_cited_elsewhere():
    wrong = SLEPT.replace("longer", "shorter")
    vague = VAGUE[:-1] + ", who took it or a placebo by day."
    shown = evidence((paper("sleep", SLEPT), SLEPT), (paper("copy", wrong), wrong), (paper("vague", vague), vague))
    sentence, issues = check(Draft(wrong, (1,)), shown, default_checker(), {})
    assert (sentence, codes(issues)) == (None, ["contradicted_sentence"])


def test_a_sentence_that_its_paper_contradicts_is_not_cited_elsewhere():
    aside = "We also asked shift workers who took a placebo about coffee."
    wrong = SLEPT.replace("longer", "shorter")
    shown = evidence((paper("sleep", aside, SLEPT), aside, SLEPT), (paper("copy", wrong), wrong))
    sentence, issues = check(Draft(wrong, (1,)), shown, default_checker(), {})
    assert sentence is None or sentence.verdict is not Verdict.SUPPORTED
    assert "recited" not in codes(issues)


class Denying:
    """Finds everything contradicted."""

    def check(self, sentence, evidence):
        return Support(0.2, Verdict.CONTRADICTED, "it was found to be denied")


def test_a_contradiction_in_other_words_marks_the_sentence(shown):
    sentence, issues = check(Draft("Pesticides make bees forget scents.", (1,)), shown, Denying(), {})
    assert sentence is not None
    assert {sentence.verdict, *(pin.verdict for pin in sentence.citations)} == {Verdict.UNSUPPORTED}
    assert codes(issues) == ["contradicted_sentence"]
    assert issues[0].message.startswith("Marked")


def test_a_completing_sentence_counts_though_it_would_do_alone():
    """The sentence that names the subject may support the claim by itself; then it is added all the same."""
    shown = evidence((paper("otters", NET, FOUND), NET, FOUND))

    class Alone:
        def check(self, sentence, evidence):
            named = NET in evidence
            return Support(0.9 if named else 0.4, Verdict.SUPPORTED if named else Verdict.PARTIAL, "by its name")

    sentence, issues = check(Draft("HoltNet counts otters and finds 87% of them.", (2,)), shown, Alone(), {})
    assert sentence is not None
    assert [pin.quote for pin in sentence.citations] == [FOUND, NET]
    assert codes(issues) == ["recited"]


def test_sentences_that_support_a_claim_together_are_not_marked_one_by_one():
    shown = evidence((paper("otters", NET, FOUND), NET, FOUND))

    class Together:
        def check(self, sentence, evidence):
            whole = len(evidence) > 1
            return Support(0.9 if whole else 0.4, Verdict.SUPPORTED if whole else Verdict.PARTIAL, "by half")

    sentence, _ = check(Draft("HoltNet listens for otters and finds 87% of them.", (1, 2)), shown, Together(), {})
    assert sentence is not None
    assert [pin.verdict for pin in sentence.citations] == [Verdict.SUPPORTED, Verdict.SUPPORTED]


class Together:
    """Finds one text partly supporting anything, and two texts together supporting it with this score."""

    name = "scripted"

    def __init__(self, score: float) -> None:
        self.score = score

    def check(self, sentence, texts):
        return Support(self.score, Verdict.SUPPORTED) if len(texts) > 1 else Support(0.2, Verdict.PARTIAL, "a part")


@pytest.mark.parametrize(("score", "verdict", "pins"), [(0.5, Verdict.SUPPORTED, 2), (0.31, Verdict.PARTIAL, 1)])
def test_a_further_sentence_completes_the_cited_one_only_where_both_support_it_well(shown, score, verdict, pins):
    said = "Bees near orchards learned fewer odours, and their hives held more honey in spring."
    sentence, _ = check(Draft(said, (1,)), shown, Together(score), {})
    assert sentence is not None
    assert (sentence.verdict, len(sentence.citations)) == (verdict, pins)


class Doubting:
    """A reader that finds everything supported with this probability."""

    name = "scripted"

    def __init__(self, supported: float) -> None:
        self.odds = Odds(supported, 1 - supported, 0.0)

    def judge(self, pairs):
        return [self.odds for _ in pairs]


@pytest.mark.parametrize(("supported", "verdict"), [(0.1, Verdict.PARTIAL), (0.02, None)])
def test_an_unlikely_paraphrase_is_marked_and_a_most_unlikely_one_dropped(supported, verdict):
    trawled = "Each further pass of the trawl added nothing to the carbon dioxide that fresh mud had released."
    mud = evidence((paper("mud", trawled), trawled))
    checker = BuiltinChecker(default_embedder(), Doubting(supported))
    said = "The first pass of the trawl released the whole of the gas."
    sentence, issues = check(Draft(said, (1,)), mud, checker, {})
    assert (sentence and sentence.verdict, codes(issues)) == (verdict, ["unsupported_sentence"])


def test_what_a_guard_finds_wrong_is_dropped_where_a_mere_doubt_is_marked():
    lamps = "Lamps of short wavelength drew 40% more moths."
    checker = BuiltinChecker(default_embedder(), Doubting(0.1))
    said = "Lamps of short wavelength drew in moths at a rate 90% higher."
    sentence, _ = check(Draft(said, (1,)), evidence((paper("lamps", lamps), lamps)), checker, {})
    assert sentence is None or sentence.verdict is not Verdict.PARTIAL


def test_a_figure_that_all_parts_share_is_no_exchange():
    networks = (
        "On three networks, alignment improves by 6.1% for the choice of partners, by 12% for the kind of link and by "
        "27.9% for its content."
    )
    said = "Across three networks, its content improved by 27.9%."
    assert default_checker().check(said, [networks]).verdict is Verdict.SUPPORTED
    exchanged = (
        "On three networks, alignment improved by 27.9% for the choice of partners and by 12% for the kind of link."
    )
    assert default_checker().check(exchanged, [networks]).verdict is not Verdict.SUPPORTED
