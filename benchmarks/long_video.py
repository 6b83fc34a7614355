"""Two-stage generation (TSG) against one pass over the whole film (LCE): tokens, time and memory over the film's length; and kill -9.

    python benchmarks/long_video.py [--quick] [--minutes 5 10 20 40] [--films DIR] [--memory-gb 6]

The films are rendered by eval/world (:mod:`long_films`) and really that long. The model is the tiny one with random weights on one thread
of a processor, so the figures say how cost *grows*, not what a real model costs. Answers have a fixed number of events a minute
of clip, and the lite writer's hints are off (they cost the same a minute in both). Each run is a process of its own; memory is the peak of
its whole process tree, sampled from outside. ``model`` is plan + write + merge: decoding the film and loading the model come before and
are the same in both. LCE runs under a limit of memory (``--memory-gb``); where it ends there, or the film has more tokens than the model
can hold, the table says so.

Last, TSG on one of the films is killed with SIGKILL several times and started again: what was answered before must never be asked
again, and no finished segment may be touched.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from long_films import long_film
from processes import measure

RUN = str(Path(__file__).with_name("long_video_run.py"))
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OMNISCRIPT_THREADS": "1", "OMNISCRIPT_MODEL_MAX_CLIP_S": "7200", "OMNISCRIPT_MODEL_BATCH_SIZE": "1"}


MAKE_MODEL = """
import sys
from pathlib import Path
from inference.omniscript.random_model import random_model
random_model(Path(sys.argv[1]))
"""


@dataclass(frozen=True)
class Run:
    """What one run cost: counts and seconds, bytes; ``refused`` says why there is no result."""

    minutes: float
    strategy: str
    num_requests: int = 0
    num_prompt_tokens: int = 0
    num_new_tokens: int = 0
    model_s: float = 0.0
    cpu_s: float = 0.0
    survey_s: float = 0.0
    peak_bytes: int = 0
    refused: str = ""

    def row(self) -> str:
        """A row of the table."""
        if self.refused:
            return f"| {self.minutes:g} | {self.strategy.upper()} | {self.refused} | | | | | | |"
        tokens_per_min = (self.num_prompt_tokens + self.num_new_tokens) / self.minutes
        return (
            f"| {self.minutes:g} | {self.strategy.upper()} | {self.num_requests} | {self.num_prompt_tokens:,} | {self.num_new_tokens:,} "
            f"| {tokens_per_min:,.0f} | {self.model_s:.0f} s | {self.cpu_s / self.minutes:.2f} s | {self.peak_bytes / 1e9:.2f} GB |"
        )


def main() -> None:
    """Print the table, how far TSG is from linear, and the count of the killed run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", nargs="+", type=float, default=[5.0, 10.0, 20.0, 40.0])
    parser.add_argument("--quick", action="store_true", help="films of 1, 2 and 4 minutes")
    parser.add_argument("--films", type=Path, help="keep the rendered films here, and use what is there")
    parser.add_argument("--memory-gb", type=float, default=6.0, help="address space that a run over one pass may take")
    parser.add_argument("--events-per-min", type=float, default=1.0, help="how much the model writes")
    parser.add_argument("--kills", type=int, default=3)
    arguments = parser.parse_args()
    minutes = [1.0, 2.0, 4.0] if arguments.quick else arguments.minutes
    story_s = 60.0 if arguments.quick else 300.0
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        films = {each: long_film(arguments.films or scratch / "films", each, story_s=story_s) for each in minutes}
        bench = Bench(scratch, _model(scratch / "model"), arguments.events_per_min, arguments.memory_gb)
        print(
            "| minutes | way | questions | prompt tokens | new tokens | tokens a minute | model | processor time a minute | peak memory |"
        )
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        runs = []
        for length, film in films.items():
            for strategy in ("tsg", "lce"):
                runs.append(bench.run(film, length, strategy))
                print(runs[-1].row(), flush=True)
        _print_growth([run for run in runs if run.strategy == "tsg"])
        middle = minutes[len(minutes) // 2]
        bench.kill_and_resume(films[middle], middle, arguments.kills)


def _model(folder: Path) -> Path:
    """Made in a process of its own, so that nothing of it is in this one."""
    subprocess.run([sys.executable, "-c", MAKE_MODEL, str(folder)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def _print_growth(runs: list[Run]) -> None:
    def cost(run: Run) -> tuple[float, float]:
        return (run.num_prompt_tokens + run.num_new_tokens) / run.minutes, run.cpu_s / run.minutes

    first, last = cost(runs[0]), cost(runs[-1])
    print(
        f"\nTSG, a minute of {runs[-1].minutes:g} ÷ a minute of {runs[0].minutes:g}: tokens {last[0] / first[0]:.3f}, "
        f"processor time {last[1] / first[1]:.3f}; memory {runs[-1].peak_bytes / runs[0].peak_bytes:.2f}\n",
        flush=True,
    )


@dataclass(frozen=True)
class Bench:
    """Where runs happen and with what."""

    scratch: Path
    model: Path
    events_per_min: float
    memory_gb: float

    def command(self, film: Path, workdir: Path, log: Path, strategy: str) -> list[str]:
        """The command of one run."""
        paths = [str(each) for each in (film, workdir, self.model, log)]
        return [sys.executable, RUN, *paths, "--strategy", strategy, "--events-per-min", str(self.events_per_min)]

    def run(self, film: Path, minutes: float, strategy: str) -> Run:
        """One run from nothing to the script."""
        workdir, log = self.scratch / f"{film.stem}-{strategy}", self.scratch / f"{film.stem}-{strategy}.log"
        command = self.command(film, workdir, log, strategy)
        if strategy == "lce":
            command = ["sh", "-c", f'ulimit -v {int(self.memory_gb * 1e6)}; exec "$@"', "sh", *command]
        try:
            measured = measure(command, env=ENVIRONMENT)
        except subprocess.CalledProcessError as error:
            return Run(minutes, strategy, refused=_reason(error.stderr))
        said = json.loads(measured.output.strip().splitlines()[-1])
        answered = [row for row in _rows(log) if row["what"] == "answered"]
        if not answered:
            return Run(minutes, strategy, refused="the model answered nothing")
        return Run(
            minutes,
            strategy,
            num_requests=len(answered),
            num_prompt_tokens=sum(row["num_prompt_tokens"] for row in answered),
            num_new_tokens=sum(row["num_new_tokens"] for row in answered),
            model_s=said["model_wall_s"],
            cpu_s=said["model_cpu_s"],
            survey_s=said["survey_s"],
            peak_bytes=measured.peak_bytes,
        )

    def kill_and_resume(self, film: Path, minutes: float, num_kills: int) -> None:
        """Kill the run at ``num_kills`` moments, let it end, and count.

        Raises:
            SystemExit: something was done twice.
        """
        workdir, log = self.scratch / "killed", self.scratch / "killed.log"
        command = self.command(film, workdir, log, "tsg")
        rng, finished, again = random.Random("kill"), {}, 0
        for _ in range(num_kills):
            known = len(_rows(log))
            with subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **ENVIRONMENT}
            ) as process:
                while process.poll() is None and len(_rows(log)) < known + 3:
                    time.sleep(0.05)
                time.sleep(rng.uniform(0.0, 2.0))
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
            again += _touched(workdir, finished)
            finished |= _drafts(workdir)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **ENVIRONMENT})
        again += _touched(workdir, finished)
        rows = _rows(log)
        asked = Counter(row["key"] for row in rows if row["what"] == "asked")
        answered = Counter(row["key"] for row in rows if row["what"] == "answered")
        print(
            f"TSG on {minutes:g} minutes, killed {num_kills} times with SIGKILL and started again: {len(_drafts(workdir))} segments, "
            f"{len(finished)} of them finished before the last start, {again} of those written again; {len(answered)} questions answered, "
            f"{sum(asked.values()) - len(answered)} begun and lost in a kill, {sum(n > 1 for n in answered.values())} answered twice."
        )
        if again or any(n > 1 for n in answered.values()):
            raise SystemExit("Something was done twice.")


def _rows(log: Path) -> list[dict[str, Any]]:
    lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def _drafts(workdir: Path) -> dict[Path, tuple[int, int]]:
    """The finished segments, each with the file's number and time: a file that is written again has others."""
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in workdir.glob("*/*/draft-*.json")}


def _touched(workdir: Path, finished: dict[Path, tuple[int, int]]) -> int:
    now = _drafts(workdir)
    return sum(now.get(path) != stamp for path, stamp in finished.items())


def _reason(errors: str) -> str:
    """Why a run ended, in words for the table."""
    last = (errors.strip().splitlines() or ["no reason given"])[-1]
    if "MemoryError" in errors or "can't allocate memory" in errors or "not fit into memory" in errors:
        return "does not fit into the memory"
    return last.partition(": ")[2] or last


if __name__ == "__main__":
    main()
