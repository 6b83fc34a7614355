"""The sentence model in a child process, so that a web process never loads onnxruntime.

The child (:mod:`.child`) is started by the first call, lives as long as its parent, and is started again when it dies. Requests and
answers are JSON lines over its standard input and output, vectors as base64 of float32. A request that takes too long costs the
child its life and raises :class:`EmbeddingTimeoutError`; while it is still loading, only the wait is given up.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from search.embeddings.files import ModelFiles, is_mostly_latin
from search.errors import EmbeddingError, EmbeddingTimeoutError

CHUNK_SIZE = 64
"""Texts of one request: small enough that a time limit means something."""

START_TIMEOUT_S = 120.0
REQUEST_TIMEOUT_S = 120.0
MAX_TEXT_CHARS = 4000


class ProcessEmbedder:
    """A sentence model in a child process; safe to share between threads and to carry through a fork."""

    def __init__(self, weights_dir: Path, cache_dir: Path) -> None:
        """Look at the files only; nothing is started.

        Args:
            weights_dir: the model's folder (``config.json``, ``model.safetensors``, ``tokenizer.json``).
            cache_dir: where the ONNX graph is kept.

        Raises:
            EmbeddingModelError: files are missing.
        """
        files = ModelFiles.find(Path(weights_dir), Path(cache_dir))
        self.model_id, self.num_dims, self.floor = files.model_id, files.num_dims, files.floor
        self._command = [sys.executable, "-m", f"{__package__}.child", str(files.directory), str(files.cache_dir)]
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> np.ndarray:
        """float32 (len(texts), num_dims); see :class:`search.embeddings.Embedder`."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        vectors = np.zeros((len(texts), self.num_dims), np.float32)
        # sorted here as well as in the child: each request then holds texts of one length
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        if not self._lock.acquire(timeout=-1 if deadline is None else max(0.0, deadline - time.monotonic())):
            raise EmbeddingTimeoutError("The embedding process is busy.")
        try:
            for start in range(0, len(order), CHUNK_SIZE):
                places = order[start : start + CHUNK_SIZE]
                vectors[places] = self._ask([texts[place][:MAX_TEXT_CHARS] for place in places], deadline)
        finally:
            self._lock.release()
        return vectors

    def understands(self, text: str) -> bool:
        """Latin script: the model was trained on English."""
        return is_mostly_latin(text)

    def close(self) -> None:
        """Stop the child."""
        with self._lock:
            if self._child is not None and self._child.is_ours:
                self._child.stop()
            self._child = None

    def _ask(self, texts: list[str], deadline: float | None) -> np.ndarray:
        child = self._living_child()
        child.wait_until_ready(START_TIMEOUT_S if deadline is None else max(0.0, deadline - time.monotonic()))
        answer = child.request({"texts": texts}, REQUEST_TIMEOUT_S if deadline is None else max(0.05, deadline - time.monotonic()))
        vectors = np.frombuffer(base64.b64decode(answer["vectors"]), np.float32)
        return vectors.reshape(len(texts), self.num_dims)

    def _living_child(self) -> _Child:
        if self._child is None or not self._child.is_ours or not self._child.is_alive:
            self._child = _Child(self._command)
        return self._child


class _Child:
    """One child process. ``wait_until_ready`` may be given up and asked again; ``request`` may not."""

    def __init__(self, command: list[str]) -> None:
        root = str(Path(__file__).resolve().parents[__name__.count(".")])  # where the top package lies, whatever it is called
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        self._parent_pid = os.getpid()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": path}
        )
        self._ready = threading.Event()
        self._greeting: dict[str, Any] = {}
        threading.Thread(target=self._greet, name="embedding-start", daemon=True).start()

    @property
    def is_ours(self) -> bool:
        """False after a fork: the pipes belong to the parent, we start our own."""
        return self._parent_pid == os.getpid()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self, timeout_s: float) -> None:
        """Wait for the model to be loaded."""
        if not self._ready.wait(timeout_s):
            raise EmbeddingTimeoutError("The sentence model is still loading.", remedy="Try again in a few seconds.")
        if "error" in self._greeting:
            self.stop()
            raise EmbeddingError(f"The embedding process could not start: {self._greeting['error']}")

    def request(self, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """Send one message and read its answer. A timer kills the child when time is up, which ends the read."""
        assert self._process.stdin is not None
        late = threading.Event()
        timer = threading.Timer(timeout_s, self._give_up, [late])
        timer.daemon = True
        timer.start()
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._read()
        except (OSError, ValueError) as error:
            answer = {"error": f"it died ({error})"}
        finally:
            timer.cancel()
        if late.is_set():
            self.stop()
            raise EmbeddingTimeoutError(f"The embedding process did not answer within {timeout_s:.1f} s.")
        if "error" in answer:
            self.stop()
            raise EmbeddingError(f"The embedding process failed: {answer['error']}")
        return answer

    def _give_up(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def stop(self) -> None:
        """End the child and release its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:  # unsent bytes for a process that is gone
                    continue

    def _greet(self) -> None:
        self._greeting = self._read()
        self._ready.set()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            return {"error": f"it ended with status {self._process.wait()}"}
        answer: dict[str, Any] = json.loads(line)
        return answer
