"""A batch on two Ray nodes of this computer, of which one is killed in mid-job.

    pip install -r requirements-ray.txt && python -m tests.benchmarks.ray_nodes --rows 3000

Ends well if every row is in the result once, in order, with the scores that this process alone
gives it.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path

from ray.cluster_utils import Cluster

from assistant.models.catalogue import Models
from assistant.moderation import batch
from assistant.moderation.batch import Progress
from assistant.moderation.files import open_file
from assistant.moderation.judging import Judge
from assistant.moderation.policy import standard
from assistant.moderation.ray_engine import ClusterScorer
from assistant.settings import PROJECT, Settings
from tests.benchmarks.batch_memory import WORDS

CHECKED = 200  # rows that are scored by this process, too


def write(path: Path, rows: int) -> None:
    """Write comments that are all different."""
    words = WORDS.split()
    lines = (f'{n},"{" ".join(words[n % 11 :])}, part {n}"' for n in range(rows))
    path.write_text("\n".join(["id,text", *lines]) + "\n")


def main() -> None:
    """Read the command line, judge, kill and check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000)
    rows = parser.parse_args().rows
    import ray

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    lost = cluster.add_node(num_cpus=1)
    ray.init(
        address=cluster.address,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}},
    )
    killed_at: list[int] = []

    def report(progress: Progress) -> None:
        if progress.done >= rows // 4 and not killed_at:
            killed_at.append(progress.done)
            print(f"{progress.done:,} done; killing a node", flush=True)  # noqa: T201
            cluster.remove_node(lost, allow_graceful=False)

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.read([], data_dir=Path(folder) / "data")
        models = Models(settings)
        model = models.moderation
        policy = standard(model.thresholds, model.experimental)
        scorer = ClusterScorer(settings, models.fingerprint("moderation"))
        source, out = Path(folder) / "in.csv", Path(folder) / "out.csv"
        write(source, rows)
        started = time.perf_counter()
        judge = Judge(model, policy, scorer)
        summary = batch.run(open_file(source), judge, out, "m", report, window=rows)
        seconds = time.perf_counter() - started
        with out.open(encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
        alone = Judge(model, policy).judge(list(open_file(source).comments())[:CHECKED])
    assert killed_at
    assert summary.finished
    assert [row["id"] for row in found] == [str(number) for number in range(rows)]
    assert all(row["verdict"] for row in found)
    for row, judged in zip(found, alone, strict=False):
        for name, score in judged.scores.items():
            assert abs(float(row[name]) - score) < 0.01, (row["id"], name)
    alive = sum(node["Alive"] for node in ray.nodes())
    assert alive == 1
    counts = ", ".join(f"{count:,}" for count in scorer.nodes.values())
    print(  # noqa: T201
        f"{rows:,} rows in {seconds:.0f} s, each once and in order; 2 nodes, one killed after "
        f"{killed_at[0]:,}, {alive} left; results came of them so: {counts}."
    )
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
