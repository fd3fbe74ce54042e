"""TF-IDF by parts: the weights are those of all captions, the axes those of a sample."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from lib.embedding import tfidf, tfidf_parts
from lib.embedding.tfidf import TfIdf
from lib.text import words


@pytest.fixture(scope="module")
def texts() -> list[str]:
    draw = np.random.default_rng(0)
    # Each from a subject of its own words, and some that stand everywhere.
    subjects = draw.integers(0, 12, 4_000)
    drawn = np.where(draw.random((4_000, 9)) < 0.7, subjects[:, None] * 40, 500) + draw.zipf(1.6, (4_000, 9)) % 40
    return [*(" ".join(f"W{number}" for number in row) for row in drawn), "", "?!"]


def test_frequencies_and_weights_are_those_of_one_go_however_captions_are_cut(texts: list[str]) -> None:
    vectorizer = TfidfVectorizer(analyzer=list, sublinear_tf=True, dtype=np.float32)
    expected = vectorizer.fit_transform([words(text.lower()) for text in texts])
    for size in (1, 700, len(texts)):
        parts = (texts[start : start + size] for start in range(0, len(texts), size))
        weights = tfidf_parts.weights_of(tfidf_parts.combine(map(tfidf_parts.partial, parts)))
        assert list(weights.columns) == vectorizer.get_feature_names_out().tolist()
        np.testing.assert_allclose(weights.idf, vectorizer.idf_, rtol=1e-6)
        found = weights.rows(texts)
        assert found.dtype == np.float32
        assert abs(found - expected).max() < 1e-6


def test_with_all_captions_as_the_sample_the_vectors_are_those_of_one_go(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = TfIdf().embed(texts)
    monkeypatch.setattr(tfidf, "MANY", 1_000)
    monkeypatch.setattr(tfidf_parts, "_PART", 900)
    found = TfIdf().embed(texts)
    assert found.shape == whole.shape
    assert found.dtype == np.float32
    assert (found * whole).sum(axis=1)[:-2].min() > 0.999
    assert not found[-2:].any()


def test_with_a_sample_captions_of_a_subject_are_still_alike(texts: list[str]) -> None:
    weights = tfidf_parts.weights_of(tfidf_parts.partial(texts))
    sample = [texts[place] for place in tfidf_parts.sampled(len(texts), 1_000)]
    projection = tfidf_parts.projection(weights, sample, 100, TruncatedSVD)
    found, whole = projection.transform(texts[:600]), TfIdf().embed(texts)[:600]
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-4)
    np.testing.assert_array_equal(found, projection.transform(texts[:600]))
    likeness = np.corrcoef((found @ found.T).ravel(), (whole @ whole.T).ravel())[0, 1]
    assert likeness > 0.98


def test_a_word_that_no_caption_of_the_sample_has_counts_in_the_length_alone() -> None:
    texts = ["red dog", "blue cat", "red dog", "blue cat comet"]
    weights = tfidf_parts.weights_of(tfidf_parts.partial(texts))
    projection = tfidf_parts.projection(weights, texts[:3], 100, TruncatedSVD)
    found = projection.transform([*texts, "comet"])
    assert found.shape == (5, 4)
    np.testing.assert_allclose(found[3], found[1], atol=1e-6)
    assert not found[4].any()


@pytest.mark.parametrize(("texts", "width"), [(["?!"] * 1_200, 1), (["a b", "c"] * 600, 3)])
def test_hardly_any_words_are_no_failure(texts: list[str], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tfidf, "MANY", 1_000)
    assert TfIdf().embed(texts).shape == (1_200, width)


def test_what_was_made_of_a_sample_is_said_from_there_on_where_it_is() -> None:
    assert TfIdf().note(300_000) == ""
    assert "300,001 captions" in TfIdf().note(300_001)
    assert "sample of 100,000" in TfIdf().note(300_001)
