"""What "Test my documents" shows, as HTML: meters, and the questions that failed. No Gradio."""

from __future__ import annotations

from assistant.evaluation.own_documents import DEPTH, WRONG, Outcome, Report
from assistant.ui.markup import bar, escape, percent
from assistant.ui.results import passages_html

HONEST = (
    "The questions were made by the program out of sentences in your documents. They use the "
    "documents’ own words, so they are easier than the questions people ask: read the figures as "
    "the best case. A document that was left out may be repeated by another in other words."
)
_KINDS = {
    "answered": "answered by the documents",
    "left out": "with the document that answers it left out",
    "elsewhere": "on another subject",
}


def report_html(report: Report, state: str) -> str:
    """Return the figures so far and the questions that failed; ``state`` says how far it is."""
    done, planned = len(report.outcomes), report.planned
    under_way = bar(done / planned) if done < planned else ""
    return (
        f'<section class="sb-own-test" aria-label="Test of the documents">'
        f'<p role="status"><strong>{escape(state)}</strong> {done} of {planned} questions</p>'
        f'{under_way}{_meters(report)}<p class="sb-quiet">{HONEST}</p>{_failures(report)}</section>'
    )


def _meters(report: Report) -> str:
    rows = "".join(
        f'<tr><th scope="row">{each.meaning} <small>{each.name}</small></th>'
        f"<td>{bar(each.share or 0.0, 'sb-negative' if each.name == WRONG else '')}</td>"
        f"<td>{'–' if each.share is None else percent(each.share)} "
        f"<small>of {each.count}</small></td></tr>"
        for each in report.figures()
    )
    return f'<table class="sb-bars sb-plain sb-meters"><tbody>{rows}</tbody></table>'


def _failures(report: Report) -> str:
    if not report.failures:
        return ""
    items = "".join(map(_failure, report.failures))
    return (
        f'<section class="sb-sources"><h4>Questions that failed: {len(report.failures)}</h4>'
        f"{items}</section>"
    )


def _failure(outcome: Outcome) -> str:
    asked = outcome.question.asked
    facts = [("Asked", f"a question {_KINDS[outcome.question.kind]}")]
    if asked.answers:
        facts.append(("Answer", f"{asked.answers[0]} ({asked.document})"))
    if outcome.evidence is not None:
        facts.append(("Shown", f"{outcome.evidence.text} ({outcome.evidence.passage.document})"))
    listed = "".join(f'<dt>{name}</dt><dd dir="auto">{escape(value)}</dd>' for name, value in facts)
    return (
        f'<details><summary><span class="sb-place" dir="auto"><strong>{escape(asked.question)}'
        f"</strong> {escape(outcome.failure)}</span></summary>"
        f'<div class="sb-why"><dl>{listed}</dl>{passages_html(outcome.found[:DEPTH], "Found")}'
        "</div></details>"
    )
