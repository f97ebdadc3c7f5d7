"""Vectors of tokens: what the checker aligns words with, and what it does where an embedder has none."""

import numpy as np
import pytest
from counting_model import CountingModel

from rag.errors import EmbeddingError
from rag.models.embedding import TokenEmbedder
from rag.models.embedding_cache import Remembered
from rag.types import Verdict
from rag.verify import BuiltinChecker


def test_every_token_has_a_vector_of_length_one_and_its_word(embedder):
    plain, empty = embedder.embed_tokens(["Pincite's otters", ""])
    assert "".join(plain.words) == "pincite'sotters"
    assert len(plain.places) == len(plain.vectors) > len(plain.words)
    assert sorted(set(plain.places)) == list(range(len(plain.words)))
    assert np.allclose(np.linalg.norm(plain.vectors, axis=1), 1, atol=1e-5)
    assert (empty.words, empty.vectors.shape) == ((), (0, 384))


def test_a_texts_tokens_do_not_depend_on_its_neighbours(embedder):
    texts = ["Otters hear boats.", "A much longer sentence about the hearing of otters in rivers full of boats."]
    together = embedder.embed_tokens(texts)
    for text, tokens in zip(texts, together, strict=True):
        assert np.array_equal(embedder.embed_tokens([text])[0].vectors, tokens.vectors)


def test_a_text_that_is_too_long_is_refused(embedder):
    with pytest.raises(EmbeddingError, match="cut it into windows"):
        embedder.embed_tokens(["otter " * 300])


def test_a_remembering_embedder_offers_tokens_only_where_its_model_does(embedder):
    assert not isinstance(Remembered(CountingModel()), TokenEmbedder)
    remembered = Remembered(embedder)
    assert isinstance(remembered, TokenEmbedder)
    first = remembered.embed_tokens(["otters", "boats", "otters"])
    assert first[0] is first[2] is remembered.embed_tokens(["otters"])[0]


class WithoutTokens:
    """The default embedding, its token vectors out of reach: as any other embedder may be."""

    def __init__(self, embedder):
        self.embed, self.count_tokens = embedder.embed, embedder.count_tokens
        self.fingerprint, self.dimension, self.max_tokens = "plain", embedder.dimension, embedder.max_tokens


def test_without_tokens_the_checker_compares_sentences_and_says_so(embedder):
    aligned, whole = BuiltinChecker(embedder), BuiltinChecker(WithoutTokens(embedder))
    assert aligned.name.startswith("builtin (aligned words, reader:")
    assert whole.name.startswith("builtin (whole sentences, reader:")
    evidence = ["Otters hear boats under water at a distance of 340 metres in calm rivers."]
    for checker in (aligned, whole):
        honest = checker.check("In calm rivers, otters hear boats under water at 340 metres.", evidence)
        changed = checker.check("Otters hear boats under water at a distance of 430 metres.", evidence)
        other = checker.check("Vitamin C cures the common cold.", evidence)
        verdicts = (honest.verdict, changed.verdict, other.verdict)
        assert verdicts == (Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.UNSUPPORTED)
