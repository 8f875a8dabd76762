"""What the doctor found: data, and its form for the terminal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Group

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact; ``ok`` is False where something is missing, and ``note`` says how to cure it."""

    name: str
    value: Value
    unit: str = ""
    ok: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, by section."""

    sections: dict[str, tuple[Finding, ...]]

    @property
    def ok(self) -> bool:
        """Whether nothing that is needed is missing."""
        return all(finding.ok for findings in self.sections.values() for finding in findings)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "ok": self.ok,
            "sections": {
                title: [asdict(finding) for finding in findings]
                for title, findings in self.sections.items()
            },
        }


def render(report: Report) -> Group:
    """Return the report as tables for the terminal."""
    from rich.console import Group
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    parts: list[Table | Text] = []
    for title, findings in report.sections.items():
        table = Table(
            title=title, title_justify="left", show_header=False, box=None, padding=(0, 1)
        )
        table.add_column(width=1)
        table.add_column(style="cyan", no_wrap=True)
        table.add_column(overflow="fold")
        for finding in findings:
            mark = "[green]✓[/]" if finding.ok else "[red]✗[/]"
            note = f"\n{finding.note}" if finding.note else ""
            table.add_row(mark, finding.name, escape(f"{_shown(finding)}{note}"))
        parts += [table, Text()]
    verdict = "Everything is in place." if report.ok else "Something is missing: see the ✗ lines."
    return Group(*parts, Text(verdict, style="bold"))


def _shown(finding: Finding) -> str:
    value = finding.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:,.1f}" if isinstance(value, float) else str(value)
    return f"{text} {finding.unit}".strip()
