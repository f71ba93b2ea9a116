"""The memory of a ranking worker that embeds very many crops by the job's own code, as their number grows.

    python -m benchmarks.encoding_memory [--crops 20000] [--encoders sortnet lpips-squeeze]

Crops are drawn; 200 of them serve as all. Each encoder runs in a process of its own. LPIPS' weights are looked for in
MLFIX_WEIGHTS or by download. "in use" is the process's memory after so many crops, "peak" the most until then.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks import rows, support

LABELS = 40
LINES = 10


def measure(crops: int, encoder: str) -> None:
    dataset = rows.dataset_of(crops, LABELS)
    import psutil

    from benchmarks.scale import peak
    from ranking import choice, encoders, tasks
    from review.models import Job
    from review.operations import jobs

    process, began = psutil.Process(), time.perf_counter()
    kind = {"kind": Job.Kind.RANK, "parameters": {"encoder": encoder}}
    job = Job.objects.create(project=dataset.project, dataset=dataset, **kind)
    try:
        chosen = choice.encoder_of(job)
    except encoders.EncoderUnavailable as reason:
        print(f"\n{encoder} was not measured. {reason}")
        return
    due = [0]

    def line(done: int) -> None:
        if done >= due[0]:
            due[0] += crops // LINES
            used, seconds = process.memory_info().rss / 2**30, time.perf_counter() - began
            print(f"  {done:10,} {seconds:9.1f} {process.cpu_times().user:9.1f} {used:10.2f} {peak():8.2f}", flush=True)

    class Report(tasks.Report):
        def embedded(self, ranking: Any) -> None:
            self.count(ranking)
            line(self.done)

    def work(run: jobs.Run) -> dict[str, Any]:
        report = Report(run, dataset)
        ranking, embed = tasks.ranking_of(dataset, chosen, report)
        line(0)
        tasks.embed_missing(run, ranking, embed, report)
        return {}

    print(f"\n{encoder}\n  {'crops':>10} {'seconds':>9} {'CPU s':>9} {'in use GB':>10} {'peak GB':>8}", flush=True)
    jobs.run(job.pk, work)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crops", type=int, default=20_000)
    parser.add_argument("--encoders", nargs="+", default=["sortnet", "lpips-squeeze"])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        measure(arguments.crops, arguments.encoders[0])
        return
    print(f"Memory of embedding {arguments.crops:,} crops; {support.machine()}", flush=True)
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-bench-"))
    for encoder in arguments.encoders:
        command = ["-m", "benchmarks.encoding_memory", "--here", "--crops", str(arguments.crops), "--encoders", encoder]
        subprocess.run([sys.executable, *command], check=True)


if __name__ == "__main__":
    main()
