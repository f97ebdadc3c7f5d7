"""The table of the comparison: counts over the sentences that each system showed, none of them a verdict of its own."""

import re
from statistics import median

from eval.answers.citation_marks import split_claims
from eval.answers.llama_index import paper_id
from eval.answers.responses import Claim
from eval.judges.judged import check_worthy
from eval.judges.registry import open_judge
from eval.questions import holds
from rag.types import Verdict

SYSTEMS = {
    "pincite": "Pincite",
    "citation_query_engine": "llama-index `CitationQueryEngine`",
    "paper_qa": "paper-qa",
}
# "(Jones et al., 2019)", "(Jones and Li 2019)": a citation of no passage at all.
AUTHOR_YEAR = re.compile(r"\([A-Z][^()]{1,60}?,? (?:19|20)\d\d[a-z]?\)")


def table(cases, answers, facts):
    """Return the Markdown table: a row a measure, a column a system."""
    return rows({name: measures(cases, given, facts[name]) for name, given in answers.items()})


def sizes(facts):
    """Return the table of what each system brings."""
    return rows({name: size(mine) for name, mine in facts.items()})


def rows(measured):
    """Return measures as a Markdown table."""
    names = list(measured)
    lines = ["| | " + " | ".join(SYSTEMS[name] for name in names) + " |", "|---|" + "---|" * len(names)]
    for row in measured[names[0]]:
        lines.append(f"| {row} | " + " | ".join(measured[name][row] for name in names) + " |")
    return "\n".join(lines)


def measures(cases, answers, facts):
    """Return every measure of one system, as it is printed."""
    pairs = list(zip(cases, answers, strict=True))
    answerable = [(case, given) for case, given in pairs if case.answerable]
    answered = [(case, given) for case, given in answerable if shown(given)]
    sentences = [(sentence, given) for _, given in pairs if shown(given) for sentence in sentences_of(given)]
    marks = [(mark, given) for (claim, _), given in sentences for mark in claim.marks]
    invented = sum(not 1 <= mark <= len(given["passages"]) for mark, given in marks)
    invented += sum(len(AUTHOR_YEAR.findall(claim.text)) for (claim, _), _ in sentences)
    relied = [(claim, given) for (claim, supported), given in sentences if supported and check_worthy(claim)]
    found = [share(case.gold, given["retrieved"]) for case, given in answerable]
    return {
        "time to index 85 abstracts": f"{facts['index_seconds']:.1f} s",
        "time to answer, median": f"{median(given['seconds'] for given in answers):.1f} s",
        "memory, peak": f"{max(given['peak_mb'] for given in answers):.0f} MB",
        "recall@5 of gold papers": f"{sum(found) / len(found):.2f}",
        "answerable questions answered": of(len(answered), len(answerable)),
        "… with all expected strings": of(
            sum(
                all(any(holds(given["text"], w) for w in group) for group in case.expected) for case, given in answered
            ),
            len(answerable),
        ),
        "unanswerable questions answered all the same": of(
            sum(shown(given) for case, given in pairs if not case.answerable),
            sum(not case.answerable for case in cases),
        ),
        "invented citations let through": of(invented, len(marks) + invented),
        "sentences shown as if supported": str(len(relied)),
        "… that their cited abstracts do not support, by word overlap": unsupported(relied, "overlap"),
        "… by Pincite's own checker, which Pincite applies itself": unsupported(relied, "builtin"),
        **size(facts),
    }


def size(facts):
    """Return the measures that need no answers."""
    return {"packages installed": str(facts["packages"]), "megabytes installed": f"{facts['installed_mb']:.0f}"}


def of(part, whole):
    """Return a count out of another."""
    return f"{part} of {whole}"


def shown(given):
    """Whether something was answered."""
    return not given["declined"] and bool(given["text"].strip())


def complete(case, text):
    """Whether one of each group of expected strings is in a text."""
    return all(any(holds(text, wanted) for wanted in group) for group in case.expected)


def share(gold, titles):
    """Return the share of the gold papers among the first five titles found."""
    found = {paper_id(title) for title in titles[:5]}
    return sum(paper in found for paper in gold) / len(gold)


def sentences_of(given):
    """Return each sentence as a claim, and whether it is shown as supported. Without verdicts, citing is showing."""
    if "sentences" in given:
        return [(Claim(s["text"], tuple(s["marks"])), s["supported"]) for s in given["sentences"]]
    return [(claim, bool(claim.marks)) for claim in split_claims(given["text"])]


def unsupported(relied, judge):
    """Count the sentences that all their cited passages together do not support, as a judge sees it."""
    checker, bad = open_judge(judge), 0
    for claim, given in relied:
        cited = [given["passages"][mark - 1]["text"] for mark in claim.marks if 1 <= mark <= len(given["passages"])]
        bad += not cited or checker.check(claim.text, cited).verdict is not Verdict.SUPPORTED
    return of(bad, len(relied))
