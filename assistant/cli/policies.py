"""``policies``: what decides on comments, and the thresholds that labelled comments speak for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from assistant.cli.common import AsJson, DataDir, assistant_for, print_json
from assistant.cli.terminal import plain
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.chat import Assistant
    from assistant.moderation.policies import Policies
    from assistant.moderation.policy import Policy

policies = typer.Typer(help="The policies of comment moderation.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="POLICY", help="A name, or one version: forum@3.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept with the version.")]
By = Annotated[str, typer.Option("--by", help="Who; kept with the version.")]
NEVER = "never"


@policies.command("list")
def list_policies(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the presets and the saved policies."""
    with assistant_for(as_json, data_dir) as assistant:
        store = policies_of(assistant)
        rows = [(store.get(name), store.versions(name)) for name in store.names()]
        if as_json:
            print_json(
                [
                    {"name": policy.name, "version": policy.version, "versions": versions,
                     "description": policy.description}
                    for policy, versions in rows
                ]
            )  # fmt: skip
            return
        for policy, _ in rows:
            typer.echo(plain(f"{policy.label:<24} {policy.description}".rstrip()))


@policies.command("show")
def show_policy(name: Name, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Show a policy: thresholds, rules, and what they rest on."""
    with assistant_for(as_json, data_dir) as assistant:
        policy = policies_of(assistant).get(name)
        if as_json:
            print_json(policy.model_dump(mode="json"))
            return
        for line in _lines(policy):
            typer.echo(plain(line))


@policies.command("save")
def save_policy(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as my-forum.")],
    start: Annotated[
        str,
        typer.Option(
            "--from", metavar="POLICY", help="What to change; else its newest version, or standard."
        ),
    ] = "",
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="limits.insult.block=0.8 (or never), links=review, blocked_words=moron,idiot*",
        ),
    ] = None,
    reason: Note = "",
    by: By = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Save the next version of a policy; older ones stay."""
    with assistant_for(as_json, data_dir) as assistant:
        store = policies_of(assistant)
        known = name if name in store.names() else "standard"
        base = store.get(start or known)
        _report(store.save(_changed(base, name, changes or ()), reason, by), as_json)


@policies.command("import")
def import_policy(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What export wrote.")],
    by: By = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Save the policy of a file as the next version of its name."""
    with assistant_for(as_json, data_dir) as assistant:
        _report(policies_of(assistant).import_file(file, by), as_json)


@policies.command("export")
def export_policy(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write a policy as JSON, for another computer or for keeping."""
    with assistant_for(False, data_dir) as assistant:
        store = policies_of(assistant)
        text = store.export(store.get(name))
        if out is None:
            typer.echo(text, nl=False)
            return
        try:
            out.write_text(text, "utf-8")
        except OSError as error:
            raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error


def policies_of(assistant: Assistant) -> Policies:
    """Return the policies in the assistant's data directory."""
    from assistant.moderation.policies import Policies

    return Policies.of(assistant.settings.data_dir, assistant.models.moderation)


def _report(policy: Policy, as_json: bool) -> None:
    if as_json:
        print_json(policy.model_dump(mode="json"))
    else:
        typer.echo(f"Saved as {policy.label}.")


def _changed(base: Policy, name: str, changes: Sequence[str]) -> Policy:
    """Return the policy with fields set as ``limits.insult.block=0.8`` says.

    Raises:
        InputError: a change is no FIELD=VALUE, or its field or value cannot be used.
    """
    from assistant.moderation.policies import reasons
    from assistant.moderation.policy import Policy

    values: dict[str, Any] = base.model_dump(mode="json") | {"name": name}
    for change in changes:
        field, equals, value = change.partition("=")
        *path, last = field.strip().split(".")
        place = values
        for part in path:
            place = place.setdefault(part, {}) if isinstance(place, dict) else None
        if not equals or not isinstance(place, dict):
            raise InputError(
                f"“{change}” is no FIELD=VALUE. Write --set limits.insult.block=0.8 or "
                "--set links=review."
            )
        place[last] = _value(value.strip(), isinstance(place.get(last), list))
    try:
        return Policy.model_validate(values)
    except ValidationError as error:
        raise InputError(f"The policy cannot be changed so: {reasons(error)}.") from None


def _value(text: str, several: bool) -> Any:
    if several:
        return [part.strip() for part in text.split(",") if part.strip()]
    return None if text == NEVER else text


def _lines(policy: Policy) -> Iterator[str]:
    yield f"{policy.label}  {policy.description}".rstrip()
    if policy.created:
        yield f"saved {policy.created} {policy.by} {policy.note}".rstrip()
    yield ""
    yield f"{'category':<20} {'review':>7} {'block':>7}"
    for name, limits in policy.limits.items():
        yield f"{name:<20} {_score(limits.review):>7} {_score(limits.block):>7}"
    yield ""
    for name in ("blocked_words", "reviewed_words", "allowed_words", "blocked_authors",
                 "trusted_authors"):  # fmt: skip
        if entries := getattr(policy, name):
            yield f"{name}: {', '.join(entries)}"
    yield f"links: {policy.links}, links alone: {policy.only_links}, emoji: {policy.only_emoji}"
    for name, found in policy.evidence.items():
        yield (
            f"{name}: {found.verdict} from {found.threshold:.4f} ({found.target}): measured "
            f"{found.measured} on {found.rows:,} comments of {found.source} with {found.model}: "
            f"false-positive rate {found.false_positive_rate:.2%} "
            f"({found.interval[0]:.2%} to {found.interval[1]:.2%})"
        )


def _score(value: float | None) -> str:
    return NEVER if value is None else f"{value:.2f}"
