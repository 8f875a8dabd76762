"""One training at a time for the whole server; it is told of, stopped, and gone on with."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.models.encoder import Encoder
from assistant.models.versions import Versions
from assistant.training.classifiers import DATA, Request
from assistant.training.options import Options
from assistant.training.workshop import Workshop
from tests.training.samples import moods, table


@pytest.fixture
def request_(tiny_base: str, tmp_path: Path) -> Request:
    """A training that would take minutes, of a file that is soon gone."""
    options = Options(tiny_base, "full", epochs=900, learning_rate=1e-3, patience=1000)
    data = table(tmp_path / "moods.csv", moods(40))
    return Request("moods", data, options=options, title="my moods.csv")


def begun(workshop: Workshop) -> None:
    """Wait until something has been learned."""
    for _ in range(1200):
        if (last := workshop.last) and (last.points or not last.running):
            return
        time.sleep(0.05)
    raise AssertionError("the training did not begin")


def test_one_training_at_a_time_that_stop_ends_with_a_model(
    request_: Request, tmp_path: Path
) -> None:
    workshop = Workshop(tmp_path, Encoder)
    assert workshop.last is None
    workshop.start(request_, request_.look())
    with pytest.raises(InputError, match="moods is being trained just now"):
        workshop.start(replace(request_, name="others"), request_.look())
    begun(workshop)
    (run,) = Versions(tmp_path).runs()
    assert (run.folder / DATA / "moods.csv").is_file()
    workshop.stop()
    assert workshop.last
    assert workshop.last.state == "stopping"
    workshop.join(120)
    last = workshop.last
    assert (last.state, last.run, last.failure) == ("ended", "moods-1", "")
    assert Versions(tmp_path).find("moods-1").ready
    assert not (run.folder / DATA).exists()  # what was uploaded is not kept for longer
    assert "my moods.csv" in (run.folder / "report.md").read_text()


def test_a_failure_is_a_sentence_and_the_next_training_may_begin(
    request_: Request, tmp_path: Path
) -> None:
    workshop = Workshop(tmp_path, Encoder)
    lost = replace(request_, options=replace(request_.options, base=str(tmp_path / "nowhere")))
    workshop.start(lost, request_.look())
    workshop.join(60)
    assert workshop.last
    assert workshop.last.state == "failed"
    assert "cannot be loaded as a text classifier" in workshop.last.failure
    assert Versions(tmp_path).runs() == ()
    with pytest.raises(InputError, match="cannot be the name"):
        workshop.start(replace(request_, name="No!"), request_.look())


def test_a_run_that_broke_off_goes_on_without_the_uploaded_file(
    request_: Request, tmp_path: Path
) -> None:
    folder = Versions(tmp_path).new("moods")
    short = replace(request_, options=replace(request_.options, epochs=1))
    workshop = Workshop(tmp_path, Encoder)
    workshop.start(short, request_.look())
    workshop.join(120)
    done = Versions(tmp_path).find("moods-2")
    record = (done.folder / "request.json").read_text()
    (folder / "request.json").write_text(record.replace("moods-2", "moods-1"))
    (folder / DATA).mkdir()
    shutil.move(short.data, folder / DATA / "moods.csv")
    workshop.resume(Versions(tmp_path).find("moods-1"))
    workshop.join(120)
    assert workshop.last
    assert workshop.last.run == "moods-1"
