"""The policies there are: presets that ship, and those saved in the data directory, by version.

``policies/NAME/NAME-VERSION.json`` in the data directory is one version; saving makes the next
one, and older ones stay. A version is written beside its place and moved there whole, under a
number that no other process can have.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant.errors import DocumentError, InputError, StorageError
from assistant.moderation.policy import NAME, STANDARD, Evidence, Limits, Policy, standard
from assistant.moderation.scoring import ModerationModel
from assistant.private_files import make_folder

PRESETS = Path(__file__).resolve().parent / "presets"
MOST_BYTES = 20_000_000  # of a policy file


class Policies:
    """The policies in a data directory; every process that uses it sees the same.

    ``standard`` is the policy of the moderation model in use: its limits name every category that
    there is a score for.
    """

    def __init__(self, data_dir: Path, standard: Policy) -> None:
        self._folder = data_dir / "policies"
        self._standard = standard

    @classmethod
    def of(cls, data_dir: Path, model: ModerationModel) -> Policies:
        """Return the policies that go by this model's scores."""
        return cls(data_dir, standard(model.thresholds, model.experimental))

    def names(self) -> tuple[str, ...]:
        """Return the names of all policies: standard, the other presets, then one's own."""
        presets = (STANDARD, *sorted(file.stem for file in PRESETS.glob("*.json")))
        saved = {
            folder.name
            for folder in self._folder.glob("*")
            if re.fullmatch(NAME, folder.name) and _versions(folder)
        }
        return (*presets, *sorted(saved - set(presets)))

    def versions(self, name: str) -> tuple[int, ...]:
        """Return the saved versions of a policy, oldest first; a preset nobody saved has none.

        Raises:
            InputError: this can be the name of no policy.
        """
        if not re.fullmatch(NAME, name):
            raise InputError(
                f"“{name[:60]}” can be the name of no policy. A name has up to 40 lower-case "
                "letters a to z, digits and hyphens, such as my-forum."
            )
        return _versions(self._folder / name)

    def get(self, label: str) -> Policy:
        """Return the newest version of ``name``, or the one that ``name@3`` says; 0 is the preset.

        A preset's limits for categories that the model in use does not score are left out.

        Raises:
            InputError: there is no such policy or version, or it is for another model's scores.
            DocumentError: its file is damaged; names it.
        """
        name, at, wanted = label.partition("@")
        versions = self.versions(name)
        if at and not re.fullmatch(r"[0-9]{1,9}", wanted):
            raise InputError(f"“{label}” names no version. Write it as {name}@1.")
        version = int(wanted) if at else max(versions, default=0)
        if version in versions:
            return self._saved(name, version)
        preset = self._preset(name) if version == 0 else None
        if preset is None:
            raise InputError(self._unknown(name, version if at else 0, versions))
        return preset

    def save(self, policy: Policy, note: str = "", by: str = "") -> Policy:
        """Keep the policy as the next version of its name, and return that.

        Evidence for a threshold that has since been changed is left out.

        Raises:
            InputError: it holds what no policy may, or a category that the model in use does not
                score.
            StorageError: the data directory cannot be written to.
        """
        try:  # a copy with changed fields was never checked, and its name becomes a path
            policy = Policy.model_validate(policy.model_dump())
        except ValidationError as error:
            raise InputError(f"The policy cannot be saved: {reasons(error)}.") from None
        self._check_categories(policy)
        folder = self._folder / policy.name
        created = datetime.now(timezone.utc).isoformat(timespec="seconds")
        try:
            make_folder(folder)
            with _next_version(folder) as (version, file):
                values = policy.model_dump() | {"note": note, "by": by, "created": created}
                values |= {"version": version, "evidence": _standing(policy)}
                saved = Policy(**values)
                draft = file.with_suffix(f".{os.getpid()}")
                draft.write_text(self.export(saved), "utf-8")
                draft.replace(file)
        except ValidationError as error:
            raise InputError(f"The policy cannot be saved: {reasons(error)}.") from None
        except OSError as error:
            raise StorageError(
                f"The policy cannot be saved in {folder} ({error.strerror or error}). Make room "
                "there, or choose another --data-dir."
            ) from error
        return saved

    def import_file(self, path: Path, by: str = "") -> Policy:
        """Keep the policy of a file, which ``export`` wrote, as the next version of its name.

        Raises:
            DocumentError: the file is missing, too large, or no policy; names each bad field.
            InputError: it names a category that the model in use does not score.
        """
        policy = _read(path, f"The file {path.name}")
        return self.save(policy, note=f"imported from {path.name}"[:1000], by=by)

    def export(self, policy: Policy) -> str:
        """Return the policy as a JSON document."""
        return json.dumps(policy.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"

    def _saved(self, name: str, version: int) -> Policy:
        file = self._folder / name / f"{name}-{version}.json"
        policy = _read(file, f"The policy file {file}")
        if (policy.name, policy.version) != (name, version):
            raise DocumentError(
                f"The policy file {file} is damaged: it holds {policy.label}. Restore it from a "
                "backup, or delete it."
            )
        self._check_categories(policy)
        return policy

    def _preset(self, name: str) -> Policy | None:
        if name == STANDARD:
            return self._standard
        file = PRESETS / f"{name}.json"
        if not file.is_file():
            return None
        preset = _read(file, f"The preset {file}")
        known = self._standard.limits.keys()
        limits = {name: limits for name, limits in preset.limits.items() if name in known}
        return preset.model_copy(update={"limits": limits})

    def _check_categories(self, policy: Policy) -> None:
        known = self._standard.limits.keys()
        unknown = [
            name
            for name, limits in policy.limits.items()
            if name not in known and limits != Limits()
        ]
        if unknown:
            raise InputError(
                f"The policy {policy.label} sets limits for “{unknown[0]}”, which the moderation "
                f"model in use does not score. It scores {', '.join(known)}. Take that category "
                "out of the policy, or choose another one."
            )

    def _unknown(self, name: str, version: int, versions: tuple[int, ...]) -> str:
        if versions:
            shown = ", ".join(f"{name}@{number}" for number in versions)
            return f"There is no policy {name}@{version}. The versions are {shown}."
        return f"There is no policy “{name}”. The policies are {', '.join(self.names())}."


def _standing(policy: Policy) -> dict[str, Evidence]:
    """Return the evidence that is about the thresholds as they are."""
    return {
        name: found
        for name, found in policy.evidence.items()
        if name in policy.limits and getattr(policy.limits[name], found.verdict) == found.threshold
    }


@contextmanager
def _next_version(folder: Path) -> Iterator[tuple[int, Path]]:
    """Give the next version and its file, which nobody else gets; see the module's first lines."""
    version = max(_versions(folder), default=0) + 1
    while True:
        file = folder / f"{folder.name}-{version}.json"
        claim = folder / f".{version}"
        try:
            claim.touch(exist_ok=False)
        except FileExistsError:
            version += 1
            continue
        try:
            if not file.exists():
                yield version, file
                return
        finally:
            claim.unlink(missing_ok=True)
        version += 1


def _versions(folder: Path) -> tuple[int, ...]:
    """Return the versions in the folder of a policy, which has its name, oldest first."""
    pattern = re.compile(rf"{re.escape(folder.name)}-([1-9][0-9]{{0,8}})\.json")
    found = (pattern.fullmatch(file.name) for file in folder.glob("*.json"))
    return tuple(sorted(int(match.group(1)) for match in found if match))


def _read(file: Path, title: str) -> Policy:
    """Return the policy of a file; ``title`` is what messages call it."""
    advice = "Restore it from a backup, or delete it."
    try:
        if file.stat().st_size > MOST_BYTES:
            raise DocumentError(f"{title} has more than {MOST_BYTES:,} bytes; a policy is smaller.")
        values: Any = json.loads(file.read_text("utf-8"))
        return Policy.model_validate(values)
    except ValidationError as error:
        raise DocumentError(f"{title} is no usable policy: {reasons(error)}.") from None
    except OSError as error:
        raise DocumentError(f"{title} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{title} is damaged: it is no JSON document. {advice}") from error


def reasons(error: ValidationError) -> str:
    """Return each bad field with what is wrong, the first five of them."""
    problems = []
    for problem in error.errors(include_url=False)[:5]:
        field = ".".join(str(part) for part in problem["loc"]) or "the file"
        reason = problem["msg"].removeprefix("Value error, ")
        problems.append(f"{field[:100]}: {reason[0].lower()}{reason[1:]}")
    return "; ".join(problems)
