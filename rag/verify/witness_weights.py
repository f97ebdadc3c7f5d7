"""The scales of `witnesses`, written by `bench/weigh_witnesses.py`: do not edit by hand.

Each: the bias, the probability from which a claim is supported, and from which in part, and the weights.
"""

COPIES = (
    -0.8385,
    0.1,
    0.037,
    {
        "alignment": 0.4287,
        "whole": 0.5084,
        "nearest": 0.4804,
        "denied": -1.5825,
    },
)
OTHERS = (
    0.0324,
    0.298,
    0.11,
    {
        "alignment": 1.1,
        "whole": 0.6345,
        "nearest": 0.2975,
        "denied": -0.6029,
    },
)
