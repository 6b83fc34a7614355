"""The reader's own process: untrusted files are probed and decoded here, where a crash or a memory bomb takes nobody along.

Both ends of the pipe. :func:`run_child` starts ``python -m inference.media.child REQUEST`` under limits and gives back its
result; :func:`main` is what runs in there. The request is one JSON argument, the answer JSON lines on standard output:
``{"progress": share}``, then ``{"result": …}`` or ``{"error": {"code", "message", "remedy"}}``.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inference.errors import BrokenMediaError, ExternalProcessError, InferenceError, MediaError, RefusedMediaError
from inference.media.process import Outcome, ProcessLimits, Walls, run_limited

PROBE_LIMITS = ProcessLimits(wall_s=240, stall_s=240, memory_bytes=2 << 30, cpu_s=240, file_bytes=1 << 20)
SURVEY_LIMITS = ProcessLimits(wall_s=7200, stall_s=300, memory_bytes=4 << 30, cpu_s=7200, file_bytes=1 << 30)

_ERRORS: dict[str, type[InferenceError]] = {error.code: error for error in (MediaError, RefusedMediaError, BrokenMediaError)}
_TOO_BIG = "Convert the file to MP4 at an ordinary size and frame rate, and try again."


def run_child(request: dict[str, Any], name: str, limits: ProcessLimits, on_progress: Callable[[float], None]) -> Any:
    """Run one request in a child process.

    Args:
        request: ``task`` (probe or survey) and its arguments, plain JSON.
        name: how messages call the file.
        on_progress: called with the share done, and about once a second without news (with -1); may raise to cancel.

    Raises:
        MediaError: what the child found wrong with the file, or that reading it crashed, was too slow or took too much memory.
        ExternalProcessError: the child itself does not work.
    """
    answers: list[dict[str, Any]] = []

    def on_line(line: str) -> None:
        message = _parse(line)
        if "progress" in message:
            on_progress(float(message["progress"]))
        elif message:
            answers.append(message)
        else:
            on_progress(-1.0)

    walls = Walls(read=(Path(request["path"]),), write=(Path(request["folder"]),) if "folder" in request else ())
    outcome = run_limited([sys.executable, "-m", f"{__package__}.child", json.dumps(request)], limits, on_line, walls)
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
        return RefusedMediaError(f"{name}: reading it {outcome.stopped}, so it was stopped.", remedy=_TOO_BIG)
    if outcome.status == -signal.SIGXCPU or outcome.status == -signal.SIGKILL:
        return RefusedMediaError(f"{name}: reading it took too much time or memory, so it was stopped.", remedy=_TOO_BIG)
    if outcome.status < 0:
        what = signal.Signals(-outcome.status).name
        return BrokenMediaError(f"{name}: the decoder crashed on it ({what}).")
    last = outcome.error_tail.strip().splitlines()
    return ExternalProcessError(f"The reader of {name} ended with status {outcome.status}{': ' + last[-1] if last else ''}.")


def _answer(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _do(request: dict[str, Any]) -> Any:
    path = Path(request["path"])
    if request["task"] == "probe":
        from inference.media.reading import read_info

        return read_info(path).to_data()
    from inference.media.description import MediaInfo
    from inference.media.surveying import survey_range

    info = MediaInfo.from_data(request["info"])
    return survey_range(
        path, info, Path(request["folder"]), request["start_s"], request["end_s"], lambda share: _answer({"progress": share})
    )


def main() -> int:
    """Do the one request in the arguments."""
    import av

    av.logging.set_level(None)
    request = json.loads(sys.argv[1])
    name = Path(request["path"]).name[:120]
    try:
        _answer({"result": _do(request)})
    except MediaError as error:
        _answer({"error": {"code": error.code, "message": str(error), "remedy": error.remedy}})
    except MemoryError:
        _answer({"error": {"code": RefusedMediaError.code, "message": f"{name!r} takes more memory than is allowed.", "remedy": _TOO_BIG}})
    return 0


if __name__ == "__main__":
    sys.exit(main())
