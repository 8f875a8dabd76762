"""Models trained here: one is in use, any may be, and the way back is always open."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputError, ModelError
from assistant.models.versions import MODEL, Run, Versions, seal, verify


def trained(versions: Versions, role: str = "patents") -> Run:
    """Make a run whose model is one small file."""
    folder = versions.new(role)
    (folder / MODEL).mkdir()
    (folder / MODEL / "weights.safetensors").write_bytes(folder.name.encode())
    seal(folder / MODEL, role, "transformers", ("a", "b"))
    return versions.find(folder.name)


def test_the_newest_in_use_is_current_and_rolling_back_undoes_it(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    first, second = trained(versions), trained(versions)
    assert (first.name, second.name) == ("patents-1", "patents-2")
    assert versions.current("patents") is None
    assert versions.roles() == ()
    versions.use(first)
    versions.use(second)
    assert versions.current("patents") == second.folder / MODEL
    assert Versions(tmp_path).current("patents") == second.folder / MODEL  # after a restart
    assert [run.in_use for run in versions.runs()] == [False, True]
    assert versions.candidates("patents") == (second.folder / MODEL, first.folder / MODEL)
    assert versions.rollback("patents") == "patents-1"
    assert versions.rollback("patents") is None
    assert versions.current("patents") is None
    with pytest.raises(InputError, match="Nothing that was trained here is in use for 'patents'"):
        versions.rollback("patents")


def test_using_a_run_again_does_not_remember_it_twice(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    first, second = trained(versions), trained(versions)
    for run in (first, second, first):
        versions.use(run)
    assert versions.rollback("patents") == "patents-2"
    assert versions.rollback("patents") is None


def test_a_changed_or_missing_file_is_named_with_its_hash_and_the_old_model_stays(
    tmp_path: Path,
) -> None:
    versions = Versions(tmp_path)
    good, bad = trained(versions), trained(versions)
    versions.use(good)
    weights = bad.folder / MODEL / "weights.safetensors"
    recorded = verify(bad.folder / MODEL).files[weights.name]
    weights.write_bytes(b"something else")
    with pytest.raises(ModelError, match=rf"weights\.safetensors was changed.*{recorded[:12]}"):
        versions.use(bad)
    weights.unlink()
    with pytest.raises(ModelError, match=rf"weights\.safetensors is missing.*{recorded[:12]}"):
        versions.use(bad)
    assert versions.current("patents") == good.folder / MODEL


def test_a_run_that_did_not_end_cannot_be_used(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    folder = versions.new("patents")
    run = versions.find(folder.name)
    assert not run.ready
    with pytest.raises(ModelError, match="--resume patents-1"):
        versions.use(run)


def test_an_unknown_run_is_refused_with_those_there_are(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    with pytest.raises(InputError, match="The runs are: none yet"):
        versions.find("patents-1")
    trained(versions)
    with pytest.raises(InputError, match="The runs are: patents-1"):
        versions.find("patents-9")


def test_a_damaged_record_says_how_to_mend_it_and_can_be_mended(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    run = trained(versions)
    versions.use(run)
    (tmp_path / "models/patents/current.json").write_text("{")
    with pytest.raises(ModelError, match="models use RUN"):
        versions.current("patents")
    versions.use(run)
    assert versions.current("patents") == run.folder / MODEL


def test_other_things_in_the_folder_are_no_runs(tmp_path: Path) -> None:
    (tmp_path / "models/router").mkdir(parents=True)
    (tmp_path / "models/smollm2-135m-q8.gguf").write_bytes(b"")
    (tmp_path / "models/some/other-1").mkdir(parents=True)
    assert Versions(tmp_path).runs() == ()
