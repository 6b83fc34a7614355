"""The main path on a real little film: checkpoints, kill -9, two at once, cancelling, and honest errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

import inference
from inference.errors import Cancelled, InferenceError, MediaError, WriterError
from inference.pipeline import Checkpoints, draft_files, draft_name
from inference.writers.base import Film, Plan, PlannedSegment, no_report
from omniscript_mam.script import Event, Meta, Scene, Script, dumps

ROOT = Path(__file__).resolve().parents[2]


class CountingWriter:
    """Notes every call in a file; segment ``die_at`` kills the process the first time, as a power cut would."""

    name = "counting"
    version = "1"

    def __init__(self, log: Path, die_at: int = -1) -> None:
        self.log, self.die_at = log, die_at

    def note(self, what: str) -> bool:
        """True the first time."""
        first = not self.log.exists() or what not in self.log.read_text().splitlines()
        with self.log.open("a") as stream:
            stream.write(what + "\n")
        return first

    def plan(self, film: Film, report=no_report) -> Plan:
        self.note("plan")
        edges = np.linspace(0.0, film.info.duration_s, 5)
        return Plan(segments=[PlannedSegment(index=i, start_s=edges[i], end_s=edges[i + 1]) for i in range(4)])

    def write(self, film: Film, plan: Plan, index: int, report=no_report) -> str:
        if self.note(f"write {index}") and index == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        report(0.5, "half")
        return json.dumps(f"draft {index}")

    def merge(self, film: Film, plan: Plan, drafts, report=no_report) -> Script:
        self.note("merge")
        duration_s = film.info.duration_s
        events = [
            Event(id=f"e{i}", start_s=s.start_s, end_s=s.end_s, action=json.loads(draft))
            for i, (s, draft) in enumerate(zip(plan.segments, drafts, strict=True))
        ]
        scene = Scene(id="s1", start_s=0, end_s=duration_s, events=events)
        return Script(meta=Meta(title=film.title, duration_s=duration_s), scenes=[scene])


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    """Two seconds of moving grey."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), i * 8, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def calls(log: Path) -> list[str]:
    return log.read_text().splitlines()


def test_everything_once_and_progress_never_goes_back(clip, tmp_path):
    told: list[tuple[float, str]] = []
    maker = CountingWriter(tmp_path / "log")
    script = inference.write_script(clip, workdir=tmp_path / "work", writer=maker, title="Grey", report=lambda *one: told.append(one))
    assert [e.action for e in script.events()] == [f"draft {i}" for i in range(4)] and script.meta.title == "Grey"
    assert calls(tmp_path / "log") == ["plan", "write 0", "write 1", "write 2", "write 3", "merge"]
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] > 0.94 and {m.split(":")[0] for _, m in told} == {"probe", "survey", "write"}
    again = inference.write_script(clip, workdir=tmp_path / "work", writer=maker, title="Grey")
    assert dumps(again) == dumps(script) and len(calls(tmp_path / "log")) == 6
    inference.write_script(clip, workdir=tmp_path / "work", writer=maker, title="Other")
    assert calls(tmp_path / "log")[6:] == ["plan", "write 0", "write 1", "write 2", "write 3", "merge"]


def test_a_killed_run_goes_on_where_it_stopped(clip, tmp_path):
    code = (
        "import sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/tests/inference']\n"
        "from pathlib import Path; import inference; from test_pipeline import CountingWriter\n"
        "maker = CountingWriter(Path(sys.argv[3]) / 'log', die_at=2)\n"
        "inference.write_script(Path(sys.argv[2]), workdir=Path(sys.argv[3]) / 'work', writer=maker)\n"
    )
    command = [sys.executable, "-c", code, str(ROOT), str(clip), str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert subprocess.run(command, check=False).returncode == 0
    assert calls(tmp_path / "log") == ["plan", "write 0", "write 1", "write 2", "write 2", "write 3", "merge"]


def test_two_runs_at_once_do_no_harm(clip, tmp_path):
    code = (
        "import sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/tests/inference']\n"
        "from pathlib import Path; import inference; from test_pipeline import CountingWriter\n"
        "home = Path(sys.argv[3])\n"
        "script = inference.write_script(Path(sys.argv[2]), workdir=home / 'work', writer=CountingWriter(home / sys.argv[4]))\n"
        "print(len(script.events()))\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(ROOT), str(clip), str(tmp_path), name], stdout=subprocess.PIPE, text=True)
        for name in ("a", "b")
    ]
    assert [run.communicate()[0].strip() for run in runs] == ["4", "4"]
    left = [file for file in (tmp_path / "work").rglob("*") if file.name.startswith(".")]
    assert left == []


def test_cancelling_keeps_what_is_done(clip, tmp_path):
    maker = CountingWriter(tmp_path / "log")

    def cancelled() -> bool:
        return maker.log.exists() and "write 1" in calls(maker.log)

    with pytest.raises(Cancelled):
        inference.write_script(clip, workdir=tmp_path / "work", writer=maker, cancelled=cancelled)
    inference.write_script(clip, workdir=tmp_path / "work", writer=maker)
    assert calls(maker.log).count("write 0") == 1 and calls(maker.log)[-1] == "merge"


def test_a_plan_with_a_hole_is_refused(clip, tmp_path):
    class Holey(CountingWriter):
        def plan(self, film, report=no_report):
            return Plan(segments=[PlannedSegment(index=0, start_s=0.0, end_s=0.5), PlannedSegment(index=1, start_s=0.7, end_s=2.0)])

    with pytest.raises(WriterError, match="Segment 1"):
        inference.write_script(clip, workdir=tmp_path, writer=Holey(tmp_path / "log"))


def test_an_invalid_script_is_the_writers_fault(clip, tmp_path):
    class Wrong(CountingWriter):
        def merge(self, film, plan, drafts, report=no_report):
            return Script(scenes=[Scene(id="s1", start_s=2, end_s=1)])

    with pytest.raises(WriterError, match="scenes\\[0\\]"):
        inference.write_script(clip, workdir=tmp_path, writer=Wrong(tmp_path / "log"))


def test_errors_name_the_file_and_the_remedy(tmp_path):
    with pytest.raises(InferenceError, match=r"missing\.mp4"):
        inference.write_script(tmp_path / "missing.mp4", workdir=tmp_path / "work")
    (tmp_path / "text.mp4").write_text("#EXTM3U\n/etc/passwd\n")
    with pytest.raises(MediaError):
        inference.write_script(tmp_path / "text.mp4", workdir=tmp_path / "work")
    with pytest.raises(WriterError) as caught:
        inference.writer("nobody")
    assert "lite" in caught.value.remedy


def test_checkpoints_are_whole_or_absent(tmp_path):
    steps = Checkpoints(tmp_path)
    assert steps.read("plan.json") is None
    assert steps.read_or_make("plan.json", lambda: "made 文") == "made 文" == steps.read_or_make("plan.json", lambda: "again")
    drafts = draft_files(steps, 2)
    steps.write(draft_name(0), "zero")
    assert drafts[0] == "zero" and len(drafts) == 2
    assert drafts[:1] == ["zero"] == [drafts[-2]]
    with pytest.raises(WriterError, match="segment 1"):
        list(drafts)
    with pytest.raises(IndexError):
        drafts[2]


def test_the_facade_loads_nothing_heavy():
    heavy = {"cv2", "onnxruntime", "ctranslate2", "faster_whisper", "dlib", "torch", "scenedetect", "django"}
    code = f"import sys, inference; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
