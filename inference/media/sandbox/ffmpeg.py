"""Run the ffmpeg program: one way, with the same walls as the reader.

Commands are built with ``ffmpeg-python`` and compiled to an argument list. Every input carries the protocol and container whitelists; the
program runs under limits of time, memory and file size, reports progress, can be cancelled, and leaves no partial output.

Contents: :func:`ffmpeg_program`, :func:`ffmpeg_passed_over`, :func:`source` (an input with its walls), :func:`run_ffmpeg` (into a file),
:func:`stream_ffmpeg` (into a pipe).
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import ffmpeg

from inference.errors import (
    BrokenMediaError,
    Cancelled,
    DecoderStoppedError,
    ExternalProcessError,
    InferenceError,
    MediaError,
    MissingProgramError,
)
from inference.media.admission import input_options, input_url, shown
from inference.media.sandbox.process import Outcome, ProcessLimits, Walls, run_limited
from omniscript_mam import programs

Report = Callable[[float, str], None]
_THREADS = 2
"""Threads of the program: renditions are made beside the survey, which has the other processors."""
_MEMORY_BYTES = 4 << 30


def ffmpeg_program() -> str:
    """Path of the ffmpeg program: the system's, else the packaged one; the first that runs inside the walls.

    Raises:
        MissingProgramError: there is none.
    """
    return _chosen().program


def ffmpeg_passed_over() -> tuple[str, ...]:
    """A sentence for each installed ffmpeg that would come first and does not fit.

    Raises:
        MissingProgramError: there is none.
    """
    return _chosen().passed_over


@cache
def _chosen() -> programs.Ffmpeg:
    try:
        return programs.choose_ffmpeg(_encoders_within_walls)
    except FileNotFoundError as error:
        raise MissingProgramError(str(error), remedy=programs.FFMPEG_REMEDY) from error


def _encoders_within_walls(program: str) -> str:
    """What it says of its encoders. A program whose own files lie outside the system's folders may be startable, and yet not here."""
    said: list[str] = []
    limits = ProcessLimits(wall_s=programs.LONGEST_S, stall_s=programs.LONGEST_S, memory_bytes=_MEMORY_BYTES)
    outcome = run_limited([program, "-encoders"], limits, said.append, Walls(read=()))
    if outcome.status:
        reason = outcome.stopped or (outcome.error_tail.strip().splitlines() or [f"exit status {outcome.status}"])[-1][:300]
        raise OSError(reason.rstrip("."))
    return "\n".join([outcome.error_tail, *said])


def source(path: Path, **options: Any) -> Any:
    """A file as ffmpeg's input, kept inside that one file."""
    walls = {name: value for name, value in input_options().items() if name != "max_streams"}
    return ffmpeg.input(input_url(path), **walls, threads=_THREADS, **options)


def run_ffmpeg(output: Any, path: Path, target: Path, duration_s: float, report: Report, *, flags: tuple[str, ...] = ()) -> None:
    """Run one command and wait for it.

    Args:
        output: the ``ffmpeg-python`` output node; it must write to ``target``.
        path: the input, for messages.
        target: the file being written; removed if anything goes wrong.
        duration_s: length of the result, for the progress.
        report: told the share done; may raise to cancel.
        flags: global options.

    Raises:
        BrokenMediaError: ffmpeg cannot read the input. DecoderStoppedError: it crashed.
        ExternalProcessError: too slow, too much memory, too large an output.
    """
    argv, limits = _command(output, flags), _limits(duration_s)
    message = f"making {target.name}"

    done = 0.0

    def on_line(line: str) -> None:
        nonlocal done
        if line.startswith("out_time_us=") and line[12:].strip().isdigit():
            done = max(done, min(1.0, int(line[12:]) / 1e6 / max(duration_s, 0.001)))
            report(done, message)
        elif not line:
            report(done, message)

    is_done = False
    try:
        outcome = run_limited(argv, limits, on_line, Walls(read=(path,), write=(target.parent.absolute(),)))
        is_done = outcome.status == 0 and target.is_file() and target.stat().st_size > 0
    finally:
        if not is_done:
            target.unlink(missing_ok=True)
    if not is_done:
        raise _failure(outcome, path, target)


def stream_ffmpeg(
    output: Any, path: Path, duration_s: float, inlet: int, is_over: Callable[[], bool], *, flags: tuple[str, ...] = ()
) -> InferenceError | None:
    """Run one command that writes into a pipe, until it ends or nobody reads any more.

    Args:
        output: the output node; it must write to ``pipe:`` with the number ``inlet``, which is closed here.
        is_over: asked about once a second; true stops the program.

    Returns:
        Why the program ended before its input did, or None.
    """

    def on_line(line: str) -> None:
        if is_over():
            raise Cancelled("Nobody reads the pictures any more.")

    try:
        outcome = run_limited(_command(output, flags), _limits(duration_s), on_line, Walls(read=(path,)), (inlet,))
    except Cancelled as error:
        return error
    return None if outcome.status == 0 and not outcome.stopped else _failure(outcome, path, Path("the pictures"))


def _command(output: Any, flags: tuple[str, ...]) -> list[str]:
    base = ("-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y", "-filter_complex_threads")
    argv: list[str] = ffmpeg.compile(output.global_args(*base, str(_THREADS), *flags), cmd=ffmpeg_program())
    return argv


def _limits(duration_s: float) -> ProcessLimits:
    """Chosen, generously: what takes thirty times as long as the film, or writes more than 12 megabits a second of it, is no rendition."""
    return ProcessLimits(
        wall_s=max(900.0, 30 * duration_s),
        stall_s=300.0,
        memory_bytes=_MEMORY_BYTES,
        cpu_s=int(max(1800, 60 * duration_s)),
        file_bytes=int(max(256 << 20, duration_s * 1_500_000)),
        nice=10,
    )


def _failure(outcome: Outcome, path: Path, target: Path) -> MediaError | ExternalProcessError:
    name = shown(path)
    if outcome.stopped:
        return ExternalProcessError(
            f"Making {target.name} of {name} {outcome.stopped}, so it was stopped.", remedy="Try again on an idle machine."
        )
    if outcome.status in {-signal.SIGXFSZ, -signal.SIGXCPU, -signal.SIGKILL}:
        return ExternalProcessError(f"Making {target.name} of {name} went over its limits ({signal.Signals(-outcome.status).name}).")
    if outcome.status < 0:
        return DecoderStoppedError(f"Making {target.name} of {name} ended in a crash of ffmpeg ({signal.Signals(-outcome.status).name}).")
    last = outcome.error_tail.strip().splitlines()
    return BrokenMediaError(f"ffmpeg cannot make {target.name} of {name}{': ' + last[-1][:300] if last else ''}.")
