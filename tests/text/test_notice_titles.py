"""What a title reports, of which paper, and if that is the paper itself."""

import pytest

from rag.catalog.titles import announced, title_key
from rag.text.notice_titles import notice_title

TITLE = "Reduced tillage and moisture in barley"


@pytest.mark.parametrize(
    "form",
    [
        "RETRACTED: {}", "Article retracted: {}", "[Retracted] {}", "*RETRACTED* {}", "Retracted & replaced: {}",
        "RETRACTED (Chapter): {}", "{} [Retracted]", "{} (Article retracted)", "{}. RETRACTED", "Статья отозвана: {}",
        "Notice of Violation of IEEE Publication Principles: {}",
    ],
)  # fmt: skip
def test_a_mark_of_the_paper_itself_leaves_its_title_the_same(form: str) -> None:
    assert title_key(form.format(TITLE)) == title_key(TITLE)
    assert announced(form.format(TITLE)) is None


@pytest.mark.parametrize(
    "form",
    [
        "Retraction: {}", "Retraction notice to “{}” [Soil 12 (2015) 33–44]", "Removal notice to: {}", "撤稿声明:{}",
        "Retraction for Okafor et al., {}", "Notice of Retraction. Okafor L, et al. {}", "Erratum. {}",
        "Publisher’s Correction: {}", "Correction for Okafor et al., {}", "Corrigendum to the paper: “{}”",
        "Editor's note: Expression of concern: {}",
    ],
)  # fmt: skip
def test_a_notice_names_the_title_of_the_paper_it_is_about(form: str) -> None:
    found = announced(form.format(TITLE))
    assert found is not None
    assert (found.title, found.surely) == (TITLE, True)
    assert title_key(form.format(TITLE)) != title_key(TITLE)


@pytest.mark.parametrize("rest", ["p53 regulates growth", "mTOR and growth", "α-synuclein in mice", "3D maps of soil"])
def test_a_title_may_begin_with_a_name_in_small_letters(rest: str) -> None:
    assert notice_title(f"Correction: {rest}") is not None
    assert notice_title("Correction: how astronomers mend charts") is None
