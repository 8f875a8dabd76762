"""``policies thresholds``: what each threshold does to labelled comments, and the right ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assistant.cli.common import AsJson, DataDir, assistant_for, print_json
from assistant.cli.policies import policies_of
from assistant.cli.terminal import counting, plain
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.chat import Assistant
    from assistant.moderation.curves import Point
    from assistant.moderation.examples import Examples
    from assistant.moderation.policy import Policy
    from assistant.moderation.workbench import Bench, Choice

SHOWN = tuple(step / 10 for step in range(1, 10))  # thresholds of the printed tables


def thresholds(
    data: Annotated[Path | None, typer.Option(help="A table of labelled comments.")] = None,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="Take what moderators decided instead.")
    ] = False,
    policy: Annotated[str, typer.Option(help="The policy to measure and to change.")] = "standard",
    wrong_removals: Annotated[
        str, typer.Option(metavar="SHARE", help="Choose thresholds: at most so many, as 1/200.")
    ] = "",
    among: Annotated[
        Literal["harmless", "blocked"],
        typer.Option(help="Of which comments at most so many are wrongly blocked."),
    ] = "harmless",
    category: Annotated[
        list[str] | None, typer.Option(help="Choose for these only; else for all that block.")
    ] = None,
    text_column: Annotated[str | None, typer.Option(help="The column of texts.")] = None,
    label_column: Annotated[str | None, typer.Option(help="The column of labels.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Save the policy with them.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Measure a policy on labelled comments, and choose its thresholds."""
    with assistant_for(as_json, data_dir) as assistant:
        from assistant.moderation import examples
        from assistant.moderation.workbench import read_target

        if save and not wrong_removals:
            raise InputError("Say what to save: --wrong-removals 1/200 --save.")
        if (data is None) != decisions:
            raise InputError("Give either --data FILE, labelled comments, or --decisions.")
        target = read_target(wrong_removals, among) if wrong_removals else None
        store = policies_of(assistant)
        before = store.get(policy)
        names = category or [
            name for name, limits in before.limits.items() if limits.block is not None
        ]
        if data:
            known = assistant.models.moderation.categories
            found = examples.read(data, known, text=text_column, label=label_column)
        else:
            found = _decided(assistant)
        bench = _bench(assistant, before, found)
        if not as_json:
            _tell(_measured(bench, before, names))
        choice = bench.choose(names, target) if target else None
        after = bench.with_evidence(before, choice) if choice else before
        if save:
            after = store.save(after, f"{target}, measured on {bench.source}"[:1000])
        if as_json:
            print_json(_document(bench, before, names, after, choice))
        elif choice:
            _tell(_chosen(bench, after, choice))
            typer.echo(f"Saved as {after.label}." if save else "Save it with --save.")


def _decided(assistant: Assistant) -> Examples:
    """Return the comments that moderators of this computer have decided on."""
    from assistant.moderation import examples
    from assistant.storage import OPERATOR, Storage

    storage = Storage.from_settings(assistant.settings)
    try:
        return examples.from_decisions(storage.reviews.decisions(OPERATOR))
    finally:
        storage.close()


def _bench(assistant: Assistant, policy: Policy, found: Examples) -> Bench:
    from assistant.moderation.judging import Judge
    from assistant.moderation.workbench import Bench

    judge, label = Judge(assistant.models.moderation, policy), assistant.models.label("moderation")
    with counting("Scoring comments") as progress:
        return Bench(found, judge, label, progress)


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(plain(line))


def _measured(bench: Bench, policy: Policy, names: Sequence[str]) -> Iterator[str]:
    harmful = sum(map(bool, bench.harms))
    yield (
        f"{bench.source}: {len(bench.harms):,} comments, {harmful:,} of them harmful; "
        f"{bench.left_out:,} left out for want of a text or a clear label."
    )
    yield from _outcome(bench, policy)
    for name in names:
        yield ""
        yield f"{name:<24} {'precision':>10} {'recall':>8} {'false positives':>26}"
        for point in bench.curve(name, SHOWN):
            yield _row(f"  from {point.threshold:.2f}", point)


def _outcome(bench: Bench, policy: Policy) -> Iterator[str]:
    found = bench.outcome(policy)
    for kind, counts in (("harmless", found.harmless), ("harmful", found.harmful)):
        total = sum(counts.values())
        shares = (
            f"{verdict} {counts.get(verdict, 0):,} ({_percent(counts.get(verdict, 0), total)})"
            for verdict in ("allow", "review", "block")
        )
        yield f"{policy.label} on {total:,} {kind}: {', '.join(shares)}"


def _chosen(bench: Bench, policy: Policy, choice: Choice) -> Iterator[str]:
    yield ""
    yield f"Chosen for {choice.target}:"
    for name, point in choice.points.items():
        yield _row(f"{name} {point.threshold:.4f}", point)
    if len(choice.points) > 1:
        yield _row("together", choice.together)
    yield from _outcome(bench, policy)


def _row(title: str, point: Point) -> str:
    precision = "" if point.precision is None else f"{point.precision:.1%}"
    recall = "" if point.recall is None else f"{point.recall:.1%}"
    low, high = point.interval
    rate = f"{point.false_positive_rate:.2%} ({low:.2%} to {high:.2%})"
    return f"{title:<24} {precision:>10} {recall:>8} {rate:>26}"


def _percent(part: int, total: int) -> str:
    return f"{part / total:.1%}" if total else "0 %"


def _document(
    bench: Bench, before: Policy, names: Sequence[str], after: Policy, choice: Choice | None
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "data": bench.source,
        "comments": len(bench.harms),
        "left_out": bench.left_out,
        "policy": before.label,
        "outcome": asdict(bench.outcome(before)),
        "curves": {name: [_values(point) for point in bench.curve(name)] for name in names},
    }
    if choice:
        document["target"] = str(choice.target)
        document["chosen"] = {name: _values(point) for name, point in choice.points.items()}
        document["together"] = _values(choice.together)
        document["after"] = {"policy": after.label, "outcome": asdict(bench.outcome(after))}
    return document


def _values(point: Point) -> dict[str, Any]:
    return asdict(point) | {
        "precision": point.precision,
        "recall": point.recall,
        "false_positive_rate": point.false_positive_rate,
        "interval": point.interval,
    }
