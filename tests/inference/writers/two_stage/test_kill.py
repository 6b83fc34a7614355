"""kill -9 while planning and while writing: the next run goes on, and nothing that was answered is asked again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omniscript_mam.script import loads
from tests.inference.engines.remote.film import known_script
from tests.inference.engines.remote.server import Asked, ChatServer, answer_from

from .conftest import DURATION_S
from .test_films import OPTIONS, told

ROOT = Path(__file__).resolve().parents[4]
RUN = """
import json, sys
from pathlib import Path
from inference import write_script
from omniscript_mam.script import dumps
path, workdir, options = sys.argv[1:]
print(dumps(write_script(Path(path), workdir=Path(workdir), writer="remote", options=json.loads(options))))
"""


@pytest.mark.parametrize("concurrency", [1, 2])
def test_nothing_is_asked_twice(path, seen, writer_at, workdir, no_weights, concurrency):
    known = known_script(DURATION_S)
    right, children, due = answer_from(known, seen.spool), [], ["plan", "script"]

    def answer(asked: Asked) -> str:
        # The second plan and the second script that are asked for cost a run its life, once each.
        before = sum(earlier.purpose == asked.purpose for earlier in server.seen) > 1
        if before and due and asked.purpose == due[0]:
            due.pop(0)
            children[-1].send_signal(signal.SIGKILL)
        return right(asked)

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", RUN, str(path), str(workdir), json.dumps(OPTIONS)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, **pipes) as child:
            children.append(child)
            out, error = child.communicate(timeout=120)
        return subprocess.CompletedProcess(command, child.returncode, out, error)

    with ChatServer(answer) as server:
        writer_at(server, concurrency=concurrency)
        results = [run() for _ in range(3)]
        assert [result.returncode for result in results] == [-signal.SIGKILL, -signal.SIGKILL, 0], results[-1].stderr
    # Each of the two requests that were in the air when a run died is asked for once more; every other one once.
    in_the_air = 1 if concurrency == 1 else 2
    assert sorted(server.asked.values(), reverse=True)[:2] == [2, 2]
    assert sum(server.asked.values()) - len(server.asked) <= 1 + in_the_air
    assert told(loads(results[-1].stdout)) == told(known)
