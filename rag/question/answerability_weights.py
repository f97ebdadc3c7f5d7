"""The weights of `decline`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -5.1173
ANSWERED_FROM = 0.379
STRANGE_FROM = 0.27
WEIGHTS = {
    "relevance": 4.2967,
    "dense": 4.2908,
    "paper_coverage": 4.2971,
    "sentence_coverage": -1.0456,
    "unmet": -4.0038,
    "missing_names": -0.2453,
    "names_apart": -0.6117,
    "figure_absent": 0.0929,
    "full_text": -3.8233,
}
