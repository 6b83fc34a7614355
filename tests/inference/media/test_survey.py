"""The survey: whole pieces or none, the same twice, cuts exact to the frame, errors in words."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import inference.media
from inference.errors import Cancelled, MissingProgramError
from inference.media import Spool, SpoolError, probe, survey_chunk, survey_ranges
from inference.media.sandbox.child import SURVEY_LIMITS, _death
from inference.media.sandbox.ffmpeg import _failure
from inference.media.sandbox.process import Outcome, ProcessLimits, Walls, run_limited
from inference.media.shots import black_stretches, shots_between
from tests.inference.media.clips import AAC, X264, look, make_clip, run_ffmpeg

QUICK = ProcessLimits(wall_s=10, stall_s=10, memory_bytes=1 << 30, cpu_s=10, file_bytes=1 << 20, nice=0)


def ignore(line: str) -> None:
    return


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix != ".npz"
    }


def test_the_exports_are_sorted_and_exist() -> None:
    names = inference.media.__all__
    assert names == sorted(names)
    assert all(hasattr(inference.media, name) for name in names)


def test_the_facade_loads_no_heavy_library() -> None:
    code = "import sys, inference.media; print([m for m in ('cv2', 'scenedetect', 'onnxruntime', 'torch') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_survey_is_the_same_twice_and_does_nothing_the_third_time(plain_clip: Path, tmp_path: Path) -> None:
    info = probe(plain_clip)
    for name in ("a", "b"):
        survey_chunk(plain_clip, info, tmp_path / name, 0)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    before = (tmp_path / "a" / "chunk_00000").stat().st_mtime_ns
    survey_chunk(plain_clip, info, tmp_path / "a", 0)
    assert (tmp_path / "a" / "chunk_00000").stat().st_mtime_ns == before
    assert Spool(tmp_path / "a", info).is_complete()
    assert [entry.name for entry in (tmp_path / "a").iterdir()] == ["chunk_00000"]


def test_two_surveys_of_one_piece_at_once_leave_one_result(plain_clip: Path, tmp_path: Path) -> None:
    info = probe(plain_clip)
    threads = [threading.Thread(target=survey_chunk, args=(plain_clip, info, tmp_path, 0)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.name for entry in tmp_path.iterdir()] == ["chunk_00000"]


def test_a_cancelled_survey_leaves_nothing(plain_clip: Path, tmp_path: Path) -> None:
    def cancel(share: float, message: str) -> None:
        raise Cancelled("asked to stop")

    with pytest.raises(Cancelled):
        survey_chunk(plain_clip, probe(plain_clip), tmp_path, 0, cancel)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SpoolError):
        Spool(tmp_path, probe(plain_clip)).audio(0, 1)


def test_what_a_killed_worker_left_is_cleared_away(plain_clip: Path, tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = tmp_path / f".chunk_00000-{dead.pid}-x"
    left.mkdir()
    survey_chunk(plain_clip, probe(plain_clip), tmp_path, 0)
    assert not left.exists()


def test_the_decoder_dies_with_the_worker_that_started_it(tmp_path: Path) -> None:
    """kill -9 of the parent must not leave a child running."""
    code = (
        "import sys; from inference.media.sandbox.process import *\n"
        "run_limited([sys.executable, '-c', 'import os,time; print(os.getpid(), flush=True); time.sleep(60)'],"
        " ProcessLimits(60, 60), lambda line: print(line, flush=True) if line else None)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    for _ in range(50):
        if not Path(f"/proc/{child}").exists() or "zombie" in Path(f"/proc/{child}/status").read_text():
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    raise AssertionError("the child outlived its parent")


def test_hard_cuts_are_exact_to_the_frame_and_fades_are_found(tmp_path: Path) -> None:
    """Seven shots of moving patterns with known cuts, one of them through black."""
    cuts = [37, 80, 121, 200, 231]
    film = tmp_path / "film.mkv"
    colours = ["0x804020", "0x2060a0", "0x40a040", "0xd0d0b0", "0x703090", "0x209090"]
    bounds = [0, *cuts, 300]
    parts = [
        f"color=c={colour}:s=160x120:r=25:d={(end - start) / 25},"
        f"drawbox=x='mod(t*75,100)':y='40+20*sin(t*5)':w=40:h=30:c=white:t=fill,setsar=1[p{number}]"
        for number, (colour, start, end) in enumerate(zip(colours, bounds, bounds[1:], strict=False))
    ]
    joined = "".join(f"[p{number}]" for number in range(len(parts)))
    graph = ";".join([*parts, f"{joined}concat=n={len(parts)},split[x][y];[x]trim=end=10.48,fade=out:st=10:d=0.4[x1]"])
    graph += ";[y]trim=start=10.48,setpts=PTS-STARTPTS,fade=in:st=0:d=0.4[y1];[x1][y1]concat=n=2"
    run_ffmpeg("-f", "lavfi", "-i", graph, *X264, film)
    starts = [start for start, _ in look(film, tmp_path / "spool").spool.shots()]
    assert len(starts) == 7
    assert starts[1:6] == pytest.approx([cut / 25 for cut in cuts], abs=0.0011)
    assert starts[6] == pytest.approx(10.45, abs=0.15)


def test_black_stretches_and_shots_by_hand() -> None:
    times_s = np.arange(100) / 10
    luma = np.full(100, 0.4)
    luma[30:33] = 0.0
    luma[60:80] = 0.0
    luma[97:] = 0.0
    stretches = black_stretches(times_s, luma)
    assert stretches == [(3.0, pytest.approx(3.3)), (6.0, 8.0)]
    shots = shots_between([1.0, 3.0, 3.3, 8.0], stretches, 10.0)
    assert shots == [(0.0, 1.0), (1.0, pytest.approx(3.15)), (pytest.approx(3.15), 8.0), (8.0, 10.0)]
    assert shots_between([], [], 4.0) == [(0.0, 4.0)]
    assert shots_between([3.9999], [], 4.0) == [(0.0, 4.0)]


def test_ranges_cover_the_film_in_pieces_of_two_minutes(plain_clip: Path) -> None:
    from dataclasses import replace

    info = replace(probe(plain_clip), duration_s=301.5)
    assert survey_ranges(info) == [(0.0, 120.0), (120.0, 240.0), (240.0, 301.5)]


def test_a_file_too_large_to_scan_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a scan that stops after a few packets, the header's duration holds, and the survey still reads to the end."""
    film = make_clip(tmp_path / "film.mkv", *X264, *AAC)
    exact = look(film, tmp_path / "exact")
    monkeypatch.setattr("inference.media.decoding.packet_scan.MAX_SCAN_BYTES", 2_000)
    seen = look(film, tmp_path / "spool")
    assert seen.info.duration_s == pytest.approx(exact.info.duration_s, abs=0.05)
    assert seen.info.video is not None
    assert seen.info.video.num_frames == pytest.approx(125, abs=2)
    assert (seen.flash_s, seen.beep_s) == (exact.flash_s, exact.beep_s)


def test_progress_never_goes_back(plain_clip: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    survey_chunk(plain_clip, probe(plain_clip), tmp_path, 0, lambda share, message: shares.append(share))
    assert shares == sorted(shares)
    assert len(shares) >= 2


class TestLimitedProcesses:
    def test_lines_and_status_come_back(self) -> None:
        lines: list[str] = []
        outcome = run_limited(["sh", "-c", "echo one; echo two; echo oops >&2; exit 3"], QUICK, lines.append)
        assert [line for line in lines if line] == ["one", "two"]
        assert (outcome.status, outcome.error_tail, outcome.stopped) == (3, "oops", "")

    def test_a_stalled_program_and_its_children_are_killed(self) -> None:
        started = time.monotonic()
        outcome = run_limited(["sh", "-c", "sleep 60 & sleep 60"], ProcessLimits(wall_s=30, stall_s=1), ignore)
        assert "no progress" in outcome.stopped
        assert time.monotonic() - started < 10

    def test_memory_is_bounded(self) -> None:
        outcome = run_limited([sys.executable, "-c", "bytearray(2 << 30)"], QUICK, ignore)
        assert outcome.status != 0
        assert "MemoryError" in outcome.error_tail

    def test_written_files_are_bounded(self, tmp_path: Path) -> None:
        outcome = run_limited(["dd", "if=/dev/zero", f"of={tmp_path / 'big'}", "bs=64k", "count=1000"], QUICK, ignore)
        assert outcome.status != 0
        assert (tmp_path / "big").stat().st_size <= 1 << 20

    def test_the_environment_is_not_inherited(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OMNISCRIPT_SECRET_KEY", "hidden")
        lines: list[str] = []
        run_limited(["env"], QUICK, lines.append)
        assert not any("hidden" in line for line in lines)

    def test_walls_close_every_other_file_and_address(self, tmp_path: Path) -> None:
        """The kernel's own wall (Landlock): one file to read, one folder to write, no connection."""
        for name in ("given", "other"):
            (tmp_path / name).write_text(name)
        (tmp_path / "out").mkdir()
        with socket.create_server(("127.0.0.1", 0)) as server:
            code = (
                "import os, socket, sys\n"
                "def tried(act):\n"
                "    try: return bool(act()) or True\n"
                "    except OSError: return False\n"
                f"os.chdir({str(tmp_path)!r})\n"
                "print(tried(lambda: open('given').read()), tried(lambda: open('other').read()), tried(lambda: open('/etc/passwd').read()),"
                " tried(lambda: open('out/made', 'w')), tried(lambda: open('made', 'w')), tried(lambda: os.remove('other')),"
                f" tried(lambda: socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))))"
            )
            lines: list[str] = []
            outcome = run_limited([sys.executable, "-c", code], QUICK, lines.append, Walls((tmp_path / "given",), (tmp_path / "out",)))
        assert outcome.status == 0, outcome.error_tail
        answers = next(line for line in lines if line).split()
        if answers[1] == "True":
            pytest.skip("this kernel has no Landlock: only the whitelists and limits hold here")
        assert answers[:6] == ["True", "False", "False", "True", "False", "False"]
        if tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 7):
            assert answers[6] == "False"
        assert (tmp_path / "other").read_text() == "other"

    def test_an_endless_line_does_not_fill_the_memory(self) -> None:
        outcome = run_limited(["sh", "-c", "head -c 30000000 /dev/zero"], QUICK, ignore)
        assert outcome.status == 0

    def test_a_missing_program_says_so(self) -> None:
        with pytest.raises(MissingProgramError, match="/nowhere/program"):
            run_limited(["/nowhere/program"], QUICK, ignore)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(-signal.SIGSEGV, ""), "crashed"),
        (Outcome(-signal.SIGABRT, ""), "crashed"),
        (Outcome(-signal.SIGXCPU, ""), "too much time"),
        (Outcome(-signal.SIGKILL, "", "made no progress for 300 seconds"), "no progress"),
        (Outcome(1, "ImportError: cv2"), "ImportError: cv2"),
    ],
)
def test_the_death_of_a_reader_becomes_a_clear_error(outcome: Outcome, words: str) -> None:
    error = _death(outcome, "film.mp4")
    assert words in str(error)
    assert "film.mp4" in str(error)
    assert error.remedy


def test_a_crash_is_not_told_as_damage() -> None:
    """A decoder that dies says nothing of the file, whether it is ours or the ffmpeg program."""
    crash = Outcome(-signal.SIGSEGV, "")
    for error in (_death(crash, "film.mp4"), _failure(crash, Path("film.mp4"), Path("a.mp4"))):
        assert error.code == "media.decoder_stopped"
        assert "SIGSEGV" in str(error)
        assert "damaged" not in f"{error} {error.remedy}"
    assert _failure(Outcome(1, "Invalid data found"), Path("film.mp4"), Path("a.mp4")).code == "media.broken"


def test_survey_memory_has_a_bound() -> None:
    assert SURVEY_LIMITS.memory_bytes <= 4 << 30
