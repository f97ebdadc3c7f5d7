"""The weights of `decline`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -5.9954
ANSWERED_FROM = 0.329
STRANGE_FROM = 0.27
WEIGHTS = {
    "relevance": 1.5362,
    "gap": 6.7075,
    "dense": 5.0201,
    "lexical": 9.7330,
    "paper_coverage": 0.6127,
    "sentence_coverage": -1.0837,
    "unmet": -2.1260,
    "missing_names": 0.1362,
    "names_apart": -0.0916,
    "figure_absent": 0.4419,
    "full_text": -2.7095,
}
