import itertools
import string

from hypothesis import given
from hypothesis import strategies as st

from rag.text import windows as chunks
from rag.text.sentences import split_sentences


def count_words(texts):
    return [len(text.split()) + 2 for text in texts]


def cut(abstract, title="A title"):
    return chunks.chunk("p", title, abstract, split_sentences(abstract), count_words)


def test_a_short_abstract_is_one_window_with_its_title():
    (window,) = cut("One sentence. Another one.")
    assert window.text == "A title.\nOne sentence. Another one."
    assert (window.start, window.end) == (0, 26)


def test_windows_overlap_and_each_fits():
    abstract = " ".join(f"Sentence number {n} has a few more words in it." for n in range(60))
    windows = cut(abstract)
    assert len(windows) > 1
    assert all(count_words([w.text])[0] <= 256 for w in windows)
    assert all(later.start < earlier.end for earlier, later in itertools.pairwise(windows))


def test_a_sentence_longer_than_a_window_is_cut_and_none_of_it_lost():
    abstract = "word " * 700 + "end."
    windows = cut(abstract)
    assert all(count_words([w.text])[0] <= 256 for w in windows)
    assert "".join(abstract[w.start : w.end].replace(" ", "") for w in windows) == abstract.replace(" ", "")


@given(st.lists(st.text(string.ascii_letters + " ", min_size=1, max_size=400), max_size=25), st.text(max_size=300))
def test_every_sentence_is_whole_in_at_least_one_window_or_was_too_long(parts, title):
    abstract = ". ".join(parts)
    windows = cut(abstract, title)
    for sentence in split_sentences(abstract):
        text = abstract[sentence.start : sentence.end]
        whole = any(w.start <= sentence.start and sentence.end <= w.end for w in windows)
        assert whole or len(text.split()) > 256 - chunks.MAX_TITLE_TOKENS - 4
    assert all(count_words([w.text])[0] <= 256 for w in windows)
