import pytest

from rag.catalog.identity import features, link, possible_ids, strong_identities
from rag.catalog.titles import announced, title_key
from rag.types import Origin, Record

ABSTRACT = (
    "We watered forty barley plots in a dry spring and weighed the grain of each plot at harvest. Moist plots gave a "
    "third more grain than dry ones, and the gain was largest on sandy soil where roots stayed shallow until late June."
)
UNLIKE = (
    "Barn cats were filmed at night through two winters with heat cameras above their beds. They slept eleven hours, "
    "woke at dawn, and moved closer together whenever the temperature of the loft fell under five degrees."
)
REVISED = ABSTRACT.replace("forty", "sixty") + " A second season confirmed the pattern on clay."
TITLE = "Soil moisture and the yield of barley"


def record(title=TITLE, abstract=ABSTRACT, **fields):
    return Record(title=title, abstract=abstract, origin=Origin("papers.jsonl", 1), **fields)


def linked(one, other):
    a, b = features(one), features(other)
    assert (link(a, b) is None) == (link(b, a) is None)
    return link(a, b)


SAME_TITLES = [
    ("Barley and water.", "barley and water"),
    ("RETRACTED: Barley and water", "Barley and water"),
    ("[Retracted] Barley and water", "Barley and water"),
    ("RETRACTED ARTICLE: Barley and water", "Barley and water"),
    ("Barley and water (Retracted article. See vol. 3, pg 12, 2020)", "Barley and water"),
    ("Crohn’s disease & diet", "Crohns disease and diet"),
    ("α-Synuclein in the gut", "Alpha-synuclein in the gut"),
    ("Élan vital", "Elan vital"),
    ("A 2×2 trial", "A 2x2 trial"),
    ("CD4⁺ cells", "CD4+ cells"),
    ("Barley and water*", "Barley and water"),
]
OTHER_TITLES = [
    ("Why C", "Why C++"),
    ("Why C++", "Why C#"),
    ("α-chains", "a-chains"),
    ("Barley, Part I", "Barley, Part II"),
    ("On barley", "Response: On barley"),
    ("On barley", "Comment on: On barley"),
    ("On barley", "Retraction: On barley"),
    ("Barley", "Barley: a randomised trial"),
    ("Search with A*", "Search with A"),
    ("がん", "かん"),
    ("大麦的产量", "小麦的产量"),
    ("Урожай ячменя", "Урожай пшеницы"),
    ("जौ की उपज", "जौ का उपज"),
    ("Spaces for p < 1", "Spaces for p > 1"),
    ("Cancer statistics, 2019", "Cancer statistics, 2020"),
]


@pytest.mark.parametrize(("one", "other"), SAME_TITLES)
def test_spellings_of_one_title_are_one_title(one, other):
    assert title_key(one) == title_key(other) != ""


@pytest.mark.parametrize(("one", "other"), OTHER_TITLES)
def test_titles_that_come_near_each_other_never_merge_even_over_one_abstract(one, other):
    assert linked(record(one), record(other)) is None


def test_arxiv_ids_are_one_whatever_their_version_or_their_doi():
    spellings = [
        record("One title", arxiv_id="2301.00001"),
        record("Another title", UNLIKE, arxiv_id="2301.00001v2"),
        record("Third", UNLIKE, doi="10.48550/arXiv.2301.00001"),
    ]
    assert {strong_identities(r) for r in spellings} == {(("arxiv", "2301.00001"),)}
    assert linked(spellings[0], spellings[1]) == "arxiv:2301.00001"


def test_preprint_and_journal_copy_are_one_paper():
    preprint = record(doi="10.1101/2020.01.01", authors=("Ada Fell",), year=2020)
    assert linked(preprint, record(abstract=REVISED, doi="10.1000/journal", year=2021)) == "title and abstract"
    half_new = ABSTRACT[:150] + " " + UNLIKE[60:]
    assert (
        linked(preprint, record(abstract=half_new, doi="10.1000/j", authors=("Fell, A.",))) == "title and first author"
    )


def test_two_papers_of_one_title_are_two_papers():
    assert linked(record(authors=("Ada Fell",)), record(abstract=UNLIKE, authors=("Bo Ng",))) is None
    assert linked(record(), record(abstract=UNLIKE)) is None
    assert linked(record(doi="10.1000/a"), record(abstract=UNLIKE, doi="10.1000/b")) is None
    assert (
        linked(record("Editorial", authors=("Ada Fell",)), record("Editorial", UNLIKE, authors=("Ada Fell",))) is None
    )
    yearly = [record(abstract=a, authors=("Ada Fell",), year=y) for a, y in ((ABSTRACT, 2010), (UNLIKE, 2015))]
    assert linked(*yearly) is None
    assert linked(record(pmid="1"), record(abstract=REVISED, pmid="2")) is None


def test_an_abstract_too_short_to_decide_leaves_it_to_a_distinctive_title():
    assert linked(record(abstract="Too short."), record()) == "title"
    assert linked(record("Editorial", "Too short."), record("Editorial")) is None


def test_the_doi_of_a_whole_volume_makes_no_paper_of_it():
    volume = "10.1000/volume"
    assert linked(record(doi=volume), record("Sleep of barn cats", UNLIKE, doi=volume)) is None
    assert linked(record(doi=volume), record("Soil moisture, retitled", REVISED, doi=volume)) == f"doi:{volume}"
    assert linked(record(doi=volume), record(abstract=UNLIKE, doi=volume)) is None
    half_new = ABSTRACT[:150] + " " + UNLIKE[60:]
    assert linked(record(doi=volume), record(f"{TITLE}: a trial", half_new, doi=volume)) == f"doi:{volume}"
    by_ng, by_fell = (
        record(doi=volume, authors=("Bo Ng",)),
        record(abstract=half_new, doi=volume, authors=("Fell, A.",)),
    )
    assert linked(by_ng, by_fell) is None
    assert linked(record("On", doi=volume), record("Only cats", UNLIKE, doi=volume)) is None


def test_a_translation_under_the_same_doi_is_the_same_paper():
    german = (
        "Wir bewässerten vierzig Parzellen mit Gerste im trockenen Frühjahr und wogen das Korn jeder Parzelle bei der "
        "Ernte. Feuchte Parzellen gaben ein Drittel mehr Korn als trockene, vor allem auf sandigem Boden."
    )
    assert linked(record(doi="10.1000/x"), record("Bodenfeuchte und Ertrag der Gerste", german, doi="10.1000/x"))


def test_records_without_any_title_are_known_by_their_abstracts():
    assert linked(record("", ABSTRACT), record("", ABSTRACT.upper())) == "title and abstract"
    assert linked(record("", ABSTRACT), record("", UNLIKE)) is None
    assert linked(record("???", "!!!"), record("...", "!?")) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Smith, Jane", "J. Smith", True),
        ("Smith JA", "Jane A. Smith", True),
        ("Wei Zhang", "Zhang Wei", True),
        ("John Doe", "John Smith", False),
        ("Müller, K.", "K. Muller", True),
    ],
)
def test_first_authors_are_known_however_their_names_are_written(one, other, same):
    a, b = features(record(authors=(one,))), features(record(authors=(other,)))
    assert bool(a.author & b.author) is same


def test_an_id_is_made_of_the_best_name():
    full = record(doi="10.1000/X", arxiv_id="2301.00001", pmid="7")
    ids = possible_ids(full)
    assert [next(ids) for _ in range(3)] == ["doi:10.1000/x", "arxiv:2301.00001", "pmid:7"]
    assert next(ids).startswith("title:")


@pytest.mark.parametrize(
    ("title", "kind", "about"),
    [
        ("Retraction: Barley and water", "retraction", "Barley and water"),
        ('Retraction notice to "Barley and water" [J. Crops 12 (2010) 3]', "retraction", "Barley and water"),
        ("Correction to: Barley and water", "correction", "Barley and water"),
        ("Author Correction: Barley and water", "correction", "Barley and water"),
        ("Expression of Concern: Barley and water", "concern", "Barley and water"),
    ],
)
def test_a_notice_names_the_paper_that_it_is_about(title, kind, about):
    notice = announced(title)
    assert (notice.kind, notice.title, notice.surely) == (kind, about, True)


def test_a_paper_about_corrections_is_not_a_sure_notice():
    assert not announced("Correction of scoliosis in adults").surely
    assert announced("Withdrawn cats") is None
