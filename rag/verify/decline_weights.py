"""The weights of `decline`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -4.0563
ANSWERED_FROM = 0.408
STRANGE_FROM = 0.27
WEIGHTS = {
    "relevance": 4.0317,
    "dense": 3.6558,
    "paper_coverage": 3.3384,
    "sentence_coverage": -0.6701,
    "unmet": -4.6481,
    "missing_names": -0.4015,
    "names_apart": -0.6153,
    "figure_absent": 0.2283,
    "full_text": -3.8311,
}
