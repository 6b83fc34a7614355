"""Our own reader in a process of its own, where a crash or a memory bomb takes nobody along: the parent's end of the pipe.

:func:`run_child` starts ``python -m inference.media.decoding REQUEST`` under limits and gives back its result. The request is one JSON
argument, the answer JSON lines on standard output: ``{"progress": share}`` and ``{"at": track, "is_picture": …}``, then
``{"result": …}`` or ``{"error": {"code", "message", "remedy"}}``. The child's end is :mod:`inference.media.decoding.__main__`.

Contents: :data:`PROBE_LIMITS`, :data:`SURVEY_LIMITS`, :data:`SUBTITLE_LIMITS`, :func:`run_child`.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inference.errors import BrokenMediaError, DecoderStoppedError, ExternalProcessError, InferenceError, MediaError, RefusedMediaError
from inference.media.admission import TOO_BIG_REMEDY
from inference.media.sandbox.process import Outcome, ProcessLimits, Walls, run_limited

# Generous bounds, chosen rather than measured: no honest file in the tests comes near them, and a hostile one is stopped by them.
PROBE_LIMITS = ProcessLimits(wall_s=240, stall_s=240, memory_bytes=2 << 30, cpu_s=240, file_bytes=1 << 20)
SURVEY_LIMITS = ProcessLimits(wall_s=7200, stall_s=300, memory_bytes=4 << 30, cpu_s=7200, file_bytes=1 << 30)
SUBTITLE_LIMITS = ProcessLimits(wall_s=900, stall_s=900, memory_bytes=2 << 30, cpu_s=600, file_bytes=64 << 20)

_ERRORS: dict[str, type[InferenceError]] = {error.code: error for error in (MediaError, RefusedMediaError, BrokenMediaError)}


def run_child(
    request: dict[str, Any],
    name: str,
    limits: ProcessLimits,
    on_progress: Callable[[float], None],
    *,
    read: Sequence[Path] = (),
    trail: list[tuple[int, bool]] | None = None,
    handed: Sequence[int] = (),
) -> Any:
    """Run one request in a child process.

    Args:
        request: ``task`` (probe, survey or subtitles) and its arguments, plain JSON.
        name: how messages call the file.
        on_progress: called with the share done, and about once a second without news (with -1); may raise to cancel.
        read: further files that the child may open.
        trail: is given the number of each track, and whether it is the picture, before it is decoded.
        handed: open descriptors for the child; they are closed here.

    Raises:
        MediaError: what the child found wrong with the file, or that reading it was too slow or took too much memory.
        DecoderStoppedError: the child died of a signal that nobody sent.
        ExternalProcessError: the child itself does not work.
    """
    answers: list[dict[str, Any]] = []

    def on_line(line: str) -> None:
        message = _parse(line)
        if "progress" in message:
            on_progress(float(message["progress"]))
        elif "at" in message:
            if trail is not None:
                trail.append((int(message["at"]), bool(message.get("is_picture"))))
        elif message:
            answers.append(message)
        else:
            on_progress(-1.0)

    walls = Walls(read=(Path(request["path"]), *read), write=(Path(request["folder"]),) if "folder" in request else ())
    command = [sys.executable, "-m", f"{__name__.rsplit('.', 2)[0]}.decoding", json.dumps(request)]
    outcome = run_limited(command, limits, on_line, walls, handed)
    if answers and "error" in answers[-1]:
        error = answers[-1]["error"]
        kind = _ERRORS.get(error["code"], ExternalProcessError)
        raise kind(error["message"], remedy=error["remedy"])
    if outcome.status == 0 and answers and "result" in answers[-1]:
        return answers[-1]["result"]
    raise _death(outcome, name)


def _parse(line: str) -> dict[str, Any]:
    if not line.startswith("{"):
        return {}
    try:
        message = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return message if isinstance(message, dict) else {}


def _death(outcome: Outcome, name: str) -> InferenceError:
    if outcome.stopped:
        return RefusedMediaError(f"{name}: reading it {outcome.stopped}, so it was stopped.", remedy=TOO_BIG_REMEDY)
    if outcome.status == -signal.SIGXCPU or outcome.status == -signal.SIGKILL:
        return RefusedMediaError(f"{name}: reading it took too much time or memory, so it was stopped.", remedy=TOO_BIG_REMEDY)
    if outcome.status < 0:
        what = signal.Signals(-outcome.status).name
        return DecoderStoppedError(f"{name}: the decoder crashed on it ({what}).")
    last = outcome.error_tail.strip().splitlines()
    return ExternalProcessError(f"The reader of {name} ended with status {outcome.status}{': ' + last[-1] if last else ''}.")
