"""Reads the user's labelled texts: a file, a folder, or a data set of the Hugging Face hub.

Finds the columns of texts and labels, and the parts (train, validation, test) that the data
comes in. Whether the data is any good is for ``checks`` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import tables
from assistant.errors import InputError
from assistant.moderation.columns import text_column
from assistant.tables import Records

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

LABELS = (
    "label",
    "labels",
    "class",
    "category",
    "sentiment",
    "target",
    "topic",
    "intent",
    "tag",
    "verdict",
    "rating",
)
PARTS = {  # beginning of a file's or a split's name → part; whatever else there is trains
    "valid": "validation",
    "dev": "validation",
    "val": "validation",
    "eval": "validation",
    "test": "test",
}
SAMPLE = 200  # rows that tell the column of texts
HUB_ID = "OWNER/NAME, or OWNER/NAME:CONFIGURATION, of a data set on the Hugging Face hub"


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the one label that it has; either may be blank."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """Examples by part; ``train`` is always there. Columns are as the data names them."""

    source: str
    columns: tuple[str, ...]
    text_column: str
    label_column: str
    parts: Mapping[str, tuple[Example, ...]]


def read(data: str, text: str | None = None, label: str | None = None) -> Labelled:
    """Read labelled texts.

    Args:
        data: a file or folder of tables, or ``owner/name[:configuration]`` of the hub.
        text: the column of texts; guessed if None.
        label: the column of labels; guessed if None.

    Raises:
        InputError: there is no such data, it cannot be read, or a column is missing.
    """
    path = Path(data).expanduser()
    if path.exists():
        found = _tables(path)
    elif tables.kind(path) in tables.READERS or data.startswith((".", "/", "~", "\\")):
        raise InputError(
            f"The data {data} does not exist. Give --data a file, a folder, or {HUB_ID}."
        )
    else:
        found = _from_hub(data)
    return _labelled(data, found, text, label)


def _labelled(
    source: str, found: Mapping[str, Records], text: str | None, label: str | None
) -> Labelled:
    first = found["train"]
    texts = _chosen(first, text, "--text-column") or _other_text_column(first, label)
    labels = _chosen(first, label, "--label-column") or _label_column(first, texts)
    for part, records in found.items():
        missing = [name for name in (texts, labels) if name not in records.columns]
        if missing:
            raise InputError(
                f"The {part} part of {source} has no column {missing[0]!r}; its columns are "
                f"{', '.join(records.columns)}. All parts need the same columns."
            )
    parts = {
        part: tuple(map(Example, records.column(texts), records.column(labels)))
        for part, records in found.items()
    }
    return Labelled(source, first.columns, texts, labels, parts)


def _chosen(records: Records, name: str | None, option: str) -> str | None:
    if name is None or name in records.columns:
        return name
    raise InputError(
        f"{records.name} has no column {name!r}; its columns are {', '.join(records.columns)}. "
        f"Name one of them with {option}."
    )


def _other_text_column(records: Records, label: str | None) -> str:
    """Guess the column of texts, which the one of labels is not."""
    if len(records.columns) < 2:
        raise InputError(
            f"{records.name} has one column only, {records.columns[0]!r}. "
            "Give a table with a column of texts and a column of labels."
        )
    others = [place for place, name in enumerate(records.columns) if name != label]
    return text_column(
        records.name,
        tuple(records.columns[place] for place in others),
        (tuple(row[place] for place in others) for row in records.rows[:SAMPLE]),
    )


def _label_column(records: Records, texts: str) -> str:
    """Guess the column of labels: by its name, else the one with the fewest values, from two on."""
    others = [name for name in records.columns if name != texts]
    for wanted in LABELS:
        for name in others:
            if name.lower().replace(" ", "_") == wanted:
                return name
    kinds = {name: len(set(records.column(name)) - {""}) for name in others}
    several = [name for name in others if kinds[name] > 1]
    return min(several or others, key=lambda name: kinds[name])


def _part(name: str) -> str:
    return next((part for start, part in PARTS.items() if name.lower().startswith(start)), "train")


def _tables(path: Path) -> dict[str, Records]:
    """Read one table, or those of a folder by part."""
    if path.is_file():
        return {"train": _even(tables.read(path))}
    files = [file for file in sorted(path.iterdir()) if tables.kind(file) in tables.READERS]
    if not files:
        raise InputError(
            f"The folder {path} holds no table. Give it {', '.join(sorted(tables.READERS))} files, "
            "such as train.csv and test.csv."
        )
    groups: dict[str, list[Records]] = {}
    for file in files:
        groups.setdefault(_part(file.name), []).append(_even(tables.read(file)))
    return _with_train({part: _joined(path, group) for part, group in groups.items()}, str(path))


def _even(records: Records) -> Records:
    if records.uneven:
        raise InputError(
            f"Row {records.uneven} of {records.name} has more cells than there are columns "
            f"({', '.join(records.columns)}). Put texts that hold the delimiter in double quotes."
        )
    return records


def _joined(folder: Path, group: Sequence[Records]) -> Records:
    columns = group[0].columns
    for records in group:
        if records.columns != columns:
            raise InputError(
                f"{group[0].name} and {records.name} in {folder} have unlike columns "
                f"({', '.join(columns)}; {', '.join(records.columns)}). Give one of the files."
            )
    return Records(folder.name, columns, tuple(row for records in group for row in records.rows))


def _with_train(parts: dict[str, Records], source: str) -> dict[str, Records]:
    if "train" not in parts:
        raise InputError(
            f"{source} has {' and '.join(parts)} data but none to train on. Add a train part."
        )
    return parts


def _from_hub(name: str) -> dict[str, Records]:
    """Load a data set of the hub; what was loaded once comes from the cache."""
    from datasets import DatasetDict, load_dataset

    identifier, _, configuration = name.partition(":")
    try:
        loaded = load_dataset(identifier, configuration or None)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
        raise InputError(
            f"The data set {name!r} cannot be loaded ({reason}). There is no such file here, and "
            "the Hugging Face hub has none of that name or cannot be reached: connect to the "
            f"network once, or give --data a file, a folder, or {HUB_ID}."
        ) from error
    return parts_of(loaded if isinstance(loaded, DatasetDict) else DatasetDict(train=loaded), name)


def parts_of(loaded: DatasetDict, name: str) -> dict[str, Records]:
    """Return the splits of a data set as records by part; class numbers become class names."""
    found: dict[str, Records] = {}
    for split, rows in loaded.items():
        if _part(split) not in found:
            found[_part(split)] = _records(name, rows)
    return _with_train(found, name)


def _records(name: str, rows: Dataset) -> Records:
    columns = [_cells(rows.features[column], rows[column]) for column in rows.column_names]
    return Records(name, tuple(rows.column_names), tuple(zip(*columns, strict=True)))


def _cells(feature: Any, values: Iterable[Any]) -> list[str]:
    names = getattr(feature, "names", None)
    if names is None:
        return ["" if value is None else str(value) for value in values]
    return [names[value] if value is not None and value >= 0 else "" for value in values]
