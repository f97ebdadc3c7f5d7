"""The weights of `decline`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -3.9772
ANSWERED_FROM = 0.400
STRANGE_FROM = 0.27
WEIGHTS = {
    "relevance": 3.0924,
    "dense": 3.7117,
    "paper_coverage": 2.7340,
    "sentence_coverage": 0.3828,
    "unmet": -3.9863,
    "missing_names": -0.1488,
    "names_apart": -0.4692,
    "figure_absent": 0.2267,
    "full_text": -2.6764,
}
