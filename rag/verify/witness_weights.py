"""The scales of `witnesses`, written by `bench/weigh_witnesses.py`: do not edit by hand.

Each: the bias, the probability from which a claim is supported, and from which in part, and the weights.
"""

COPIES = (
    -0.5923,
    0.195,
    0.072,
    {
        "alignment": 0.5818,
        "whole": 0.5416,
        "nearest": 0.3799,
        "denied": -2.366,
    },
)
OTHERS = (
    -0.0362,
    0.278,
    0.103,
    {
        "alignment": 1.1,
        "whole": 0.3542,
        "nearest": 0.2727,
        "denied": -0.4866,
    },
)
