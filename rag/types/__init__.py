"""The nouns of Pincite: frozen, typed, plain values, the only ones that stages exchange.

Offsets are Unicode code points into `Paper.abstract`, end exclusive.
"""

from rag.types.answers import (
    MAY_ANSWER,
    Agreement,
    Answer,
    Citation,
    Considered,
    Draft,
    Issue,
    Reason,
    Sentence,
    Status,
    Step,
    Support,
    Verdict,
)
from rag.types.ingest import Conflict, IngestReport, Marked, Merge, Rejection, SharedIdentity
from rag.types.papers import PRINTED, Bibliographic, Notice, Origin, Paper, Record, Section
from rag.types.receipts import Finding, Receipt
from rag.types.search import Chunk, Evidence, Filters, Hit, Role, Span

__all__ = [
    "MAY_ANSWER",
    "PRINTED",
    "Agreement",
    "Answer",
    "Bibliographic",
    "Chunk",
    "Citation",
    "Conflict",
    "Considered",
    "Draft",
    "Evidence",
    "Filters",
    "Finding",
    "Hit",
    "IngestReport",
    "Issue",
    "Marked",
    "Merge",
    "Notice",
    "Origin",
    "Paper",
    "Reason",
    "Receipt",
    "Record",
    "Rejection",
    "Role",
    "Section",
    "Sentence",
    "SharedIdentity",
    "Span",
    "Status",
    "Step",
    "Support",
    "Verdict",
]
