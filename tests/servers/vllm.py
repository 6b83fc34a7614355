"""vLLM for tests: where its environment is, how a model folder for it is made, and a real server of it.

The environment is made by ``tools/vllm_environment.py``; ``OMNISCRIPT_TEST_VLLM`` names its Python where it stands elsewhere.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.services import free_port

TOP = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("OMNISCRIPT_TEST_VLLM") or TOP / ".envs" / "vllm" / "bin" / "python")
START_S = 240.0
TIGHT = '--structured-outputs-config={"backend": "xgrammar", "disable_any_whitespace": true}'
"""Where JSON may have any white space between its parts, a model with random weights writes white space for ever."""

needs_vllm = pytest.mark.skipif(not PYTHON.is_file(), reason="vLLM's environment is not here: make test-servers makes it")


def environment() -> dict[str, str]:
    """For a process of vLLM: no network, one thread, little memory."""
    quiet = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    small = {"VLLM_CPU_KVCACHE_SPACE": "1", "OMP_NUM_THREADS": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("VLLM_", "PYTHONWARNINGS"))}
    return {**ours, **quiet, **small, "PYTHONPATH": str(TOP), "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"}


def served_model(folder: Path, window_s: int = 5) -> Path:
    """A tiny model whose every input matters to its answer: random weights, enlarged."""
    import torch

    from inference.omniscript.modeling_omniscript import OmniScriptForConditionalGeneration
    from inference.omniscript.random_model import random_model

    random_model(folder, size="served", corpus=["A man walks in. <1.0 seconds> hello world"] * 3, window_s=window_s)
    model = OmniScriptForConditionalGeneration.from_pretrained(folder)
    torch.manual_seed(1)
    for weights in model.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=0.15)
    model.save_pretrained(folder)
    return folder


class Server:
    """``vllm serve`` on a free port of this machine. Its output is kept in ``log``."""

    def __init__(self, model: Path, log: Path, *arguments: str, port: int = 0) -> None:
        self.model, self.log, self.arguments = model, log, arguments
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> Server:
        """Start it, and wait until it answers.

        Raises:
            RuntimeError: it ended, or did not answer in time.
        """
        usual = ["--served-model-name=tiny", "--max-model-len=8192", "--enforce-eager", "--dtype=float32", "--trust-request-mm-kwargs"]
        command = [
            str(PYTHON.parent / "vllm"),
            "serve",
            str(self.model),
            *usual,
            "--host=127.0.0.1",
            f"--port={self.port}",
            *self.arguments,
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=environment(), cwd=self.log.parent, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        if wait:
            self.wait()
        return self

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if not self.alive():
                break
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        said = self.log.read_text(errors="replace")[-3000:]
        self.stop()
        raise RuntimeError(f"vLLM did not start:\n{said}")

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9 to it and all that it started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        for each in (number, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, each)
                self._process.wait(20)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._process = None

    def memory_bytes(self) -> int:
        """Proportional memory of its processes together."""
        assert self._process is not None
        group, total = self._process.pid, 0
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.getpgid(int(entry.name)) == group:
                    rollup = (entry / "smaps_rollup").read_text()
                    total += sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
            except (ProcessLookupError, FileNotFoundError, PermissionError):
                continue
        return total

    def post(self, path: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        """Status and JSON of one request."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")


def run_in_vllm(arguments: Sequence[str], timeout_s: float = 280.0) -> subprocess.CompletedProcess[str]:
    """A module or a piece of code in vLLM's environment."""
    return subprocess.run(
        [str(PYTHON), *arguments], env=environment(), cwd=TOP, capture_output=True, text=True, check=False, timeout=timeout_s
    )
