"""Each form of result as HTML. Knows results, not tools, so a new tool costs nothing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

from assistant.types import (
    Answer,
    Citation,
    Labels,
    Passage,
    Result,
    Span,
    Spans,
    Table,
    Text,
    Verdict,
)
from assistant.ui.markup import bar, escape, excerpt, marked, percent

ROWS = 200  # rows of a table that are shown; the download holds all
WINDOW = 300  # characters shown on either side of an answer
LONGEST = 20_000  # characters of a text that are shown

_ENTITIES = {"PER": "person", "ORG": "organisation", "LOC": "place", "MISC": "other"}
_VERDICTS = {
    "allow": "Fine to publish",
    "review": "A person should look",
    "block": "Do not publish",
}


def result_html(result: Result, download: str | None = None) -> str:
    """Return the result as HTML; ``download`` is the address of a table's CSV."""
    match result:
        case Labels():
            return f'<div class="sb-result">{bars_html(result.scores, kinds=True)}</div>'
        case Spans():
            return _spans(result)
        case Answer():
            return _answer(result)
        case Verdict():
            return _verdict(result)
        case Text():
            return _text(result)
        case Table():
            return _table(result, download)


def citations_html(citations: Sequence[Citation], anchor: str) -> str:
    """Return the numbered passages, each opening to its text with the quote marked.

    ``anchor`` begins the ids by which the numbers in the answer lead here.
    """
    if not citations:
        return ""
    entries = "".join(
        _passage_html(
            citation.passage,
            f'<span class="sb-number">{citation.number}</span>',
            [Span(citation.start, citation.end, "quote", 1.0)],
            anchor=f"{anchor}-{citation.number}",
        )
        for citation in citations
    )
    return f'<section class="sb-sources" aria-label="Sources"><h4>Sources</h4>{entries}</section>'


def passages_html(passages: Sequence[Passage], title: str = "Nearest passages") -> str:
    """Return passages with their scores, without marks."""
    if not passages:
        return ""
    entries = "".join(
        _passage_html(passage, f'<span class="sb-score">{percent(passage.score)}</span>', ())
        for passage in passages
    )
    return f'<section class="sb-sources"><h4>{escape(title)}</h4>{entries}</section>'


def bars_html(scores: Mapping[str, float], *, kinds: bool = False) -> str:
    """Return a labelled bar for each score, highest first; ``kinds`` colours them by label."""
    rows = "".join(
        f'<tr><th scope="row">{escape(_words(label))}</th>'
        f"<td>{bar(score, f'sb-{label}' if kinds else '')}</td>"
        f"<td>{escape(percent(score))}</td></tr>"
        for label, score in sorted(scores.items(), key=lambda item: -item[1])
    )
    return f'<table class="sb-bars"><tbody>{rows}</tbody></table>'


def _spans(result: Spans) -> str:
    if not result.spans:
        return (
            '<div class="sb-result"><p class="sb-quiet">Nothing was found in this text.</p></div>'
        )
    counts: dict[str, int] = {}
    for span in result.spans:
        counts[span.label] = counts.get(span.label, 0) + 1
    legend = "".join(
        f'<span><mark class="sb-{escape(label)}">{escape(label)}</mark> '
        f"{escape(_ENTITIES.get(label, label))} × {count}</span>"
        for label, count in counts.items()
    )
    text = result.text[:LONGEST]
    return (
        f'<div class="sb-result"><p class="sb-text" dir="auto">'
        f"{marked(text, result.spans, captions=True)}{_rest(result.text)}</p>"
        f'<p class="sb-legend">{legend}</p></div>'
    )


def _answer(result: Answer) -> str:
    start = max(result.start - WINDOW, 0)
    end = min(result.end + WINDOW, len(result.context))
    window = result.context[start:end]
    spans = (
        [Span(result.start - start, result.end - start, "answer", result.score)]
        if result.answered
        else []
    )
    before = "…" if start else ""
    after = "…" if end < len(result.context) else ""
    return (
        f'<div class="sb-result"><blockquote class="sb-text" dir="auto">'
        f"{before}{marked(window, spans)}{after}</blockquote></div>"
    )


def _verdict(result: Verdict) -> str:
    name = result.verdict if result.verdict in _VERDICTS else "review"
    reason = f'<p class="sb-reason">{escape(result.reason)}</p>' if result.reason else ""
    text = ""
    if result.text:
        text = (
            f'<p class="sb-text" dir="auto">{marked(result.text[:LONGEST], result.spans)}'
            f"{_rest(result.text)}</p>"
        )
    return (
        f'<div class="sb-result"><p class="sb-verdict sb-{name}"><strong>{name}</strong> '
        f"<span>{_VERDICTS[name]}</span></p>{reason}{text}{bars_html(result.scores)}</div>"
    )


def _text(result: Text) -> str:
    caption = f'<p class="sb-quiet">{escape(result.caption)}</p>' if result.caption else ""
    return (
        f'<div class="sb-result"><p class="sb-text sb-lead" dir="auto">'
        f"{escape(result.text[:LONGEST])}{_rest(result.text)}</p>{caption}</div>"
    )


def _table(result: Table, download: str | None) -> str:
    first = result.rows[0] if result.rows else ("",) * len(result.columns)
    head = "".join(
        f'<th scope="col"{" class=sb-figure" if isinstance(cell, int | float) else ""}>'
        f"{escape(_words(name))}</th>"
        for name, cell in zip(result.columns, first, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(map(_cell, row, result.columns, repeat(result.heat))) + "</tr>"
        for row in result.rows[:ROWS]
    )
    kind = "sb-table" if result.heat else "sb-table sb-records"  # see style.css
    more = len(result.rows) - ROWS
    left = f"{more:,} more rows are in the download." if more > 0 else f"{len(result.rows):,} rows."
    link = (
        f'<a class="sb-download" href="{escape(download)}" download>Download as CSV</a>'
        if download
        else ""
    )
    return (
        f'<div class="sb-result">{_chart(result.counts)}'
        f'<div class="sb-scroll" tabindex="0" role="region" aria-label="Table">'
        f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        f'<p class="sb-foot"><span class="sb-quiet">{left}</span>{link}</p></div>'
    )


def _chart(counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    most = max(counts.values()) or 1
    rows = "".join(
        f'<tr><th scope="row">{escape(_words(label))}</th>'
        f"<td>{bar(count / most, f'sb-{label}')}</td><td>{count:,}</td></tr>"
        for label, count in counts.items()
    )
    return f'<table class="sb-bars sb-chart"><tbody>{rows}</tbody></table>'


def _cell(cell: str | int | float, column: str, heat: bool) -> str:
    name = f' data-name="{escape(_words(column))}"'
    if isinstance(cell, float) and heat:
        share = min(max(cell, 0.0), 1.0)
        return f'<td{name} class="sb-figure sb-heat" style="--heat:{share:.0%}">{cell:.2f}</td>'
    if isinstance(cell, float):
        return f'<td{name} class="sb-figure">{cell:.2f}</td>'
    if isinstance(cell, int):
        return f'<td{name} class="sb-figure">{cell:,}</td>'
    if cell in _VERDICTS:
        return f'<td{name}><span class="sb-verdict sb-{cell}"><strong>{cell}</strong></span></td>'
    return f'<td{name} dir="auto">{escape(excerpt(cell, 300))}</td>'


def _passage_html(
    passage: Passage, badge: str, spans: Sequence[Span], *, anchor: str | None = None
) -> str:
    heading = f" › {passage.heading}" if passage.heading else ""
    page = f" (page {passage.page})" if passage.page else ""
    name = f' id="{escape(anchor)}"' if anchor else ""
    return (
        f'<details{name}><summary>{badge}<span class="sb-place"><strong>'
        f"{escape(passage.document)}</strong>{escape(heading)}{page}</span></summary>"
        f'<p class="sb-text" dir="auto">{marked(passage.text, spans)}</p></details>'
    )


def _rest(text: str) -> str:
    left = len(text) - LONGEST
    return f'<span class="sb-quiet"> … and {left:,} more characters</span>' if left > 0 else ""


def _words(name: str) -> str:
    return name.replace("_", " ")
