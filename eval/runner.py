"""Run a writer over a data set and score what it writes; stop and go on at any time.

What a run leaves in its folder: ``scripts/NAME.json``, what was written. A script that is there is not written again, unless the
protocol changed (``protocol.json``); scores are made anew from the scripts by :func:`score`.

Protocol (paper, section 6): ``segment_s`` cuts each film into pieces of that length, which the writer sees one at a time, and joins the
shifted outputs (†); ``mask_subtitles`` blanks the bottom band of the picture (Table 4); ``with_audio=False`` takes the sound away
(Table 5).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from omniscript_mam.script import Script, TimeRange, dumps

from . import ffmpeg
from .dataset import ENCODING, Sample
from .errors import DatasetError, FfmpegError, ScoresError
from .inputs import ScoredScript, load
from .score import Judges, Options, ScriptScore, evaluate

Write = Callable[[Path], Script]
"""A writer: a media file in, a Script out. It may raise; the film then counts as failed, and the others go on."""


@dataclass(frozen=True)
class Protocol:
    """How films are shown to the writer. ``band``: share of the picture's height that is blanked for masked subtitles."""

    segment_s: float | None = None
    mask_subtitles: bool = False
    with_audio: bool = True
    band: float = 0.22

    @property
    def mark(self) -> str:
        """What is printed behind a system's name."""
        return "†" if self.segment_s else ""


@dataclass(frozen=True)
class Scored:
    """One film of a run with everything a report shows."""

    sample: Sample
    reference: ScoredScript
    estimate: ScoredScript
    score: ScriptScore


def run(
    samples: Sequence[Sample],
    write: Write,
    out: Path,
    protocol: Protocol | None = None,
    *,
    num_parallel: int = 1,
    report: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> dict[str, str]:
    """Write a script for every film that has none yet.

    Args:
        report: called with films done, films in all, and the name of the one that ended.

    Returns:
        Name → reason, for films that failed.
    """
    protocol = protocol or Protocol()
    scripts = out / "scripts"
    _same_protocol(out, protocol)
    scripts.mkdir(parents=True, exist_ok=True)
    missing = [sample for sample in samples if not (scripts / f"{sample.name}.json").exists()]
    failed = {}
    done = len(samples) - len(missing)
    with ThreadPoolExecutor(num_parallel) as pool:
        running = {pool.submit(_write_one, sample, write, scripts, protocol): sample for sample in missing}
        for future in as_completed(running):
            error = future.exception()
            if error is not None:
                failed[running[future].name] = f"{type(error).__name__}: {error}"
            done += 1
            report(done, len(samples), running[future].name)
    return failed


def score(samples: Sequence[Sample], scripts: Path, judges: Judges, options: Options | None = None) -> list[Scored]:
    """Score the scripts of a folder; films without a script are scored as empty (everything missed), never left out.

    Raises:
        ScriptValidationError: a document is not a script.
        JudgeError: a judge answered out of range.
    """
    scored = []
    for sample in samples:
        path = scripts / f"{sample.name}.json"
        reference = sample.load()
        estimate = load(path) if path.exists() else ScoredScript()
        scored.append(Scored(sample, reference, estimate, evaluate(reference, estimate, judges, options)))
    return scored


def total(scored: Sequence[Scored]) -> ScriptScore:
    """The corpus score: the score of the summed counts.

    Raises:
        ScoresError: there is nothing to add.
    """
    if not scored:
        raise ScoresError("No film was scored.", remedy="Name a data set that holds films.")
    result = scored[0].score
    for one in scored[1:]:
        result = result + one.score
    return result


def join(pieces: Sequence[tuple[float, Script]]) -> Script:
    """The scripts of consecutive pieces as one, each shifted by its start in seconds. Characters of equal name are one."""
    joined = Script()
    names: dict[str, str] = {}
    for number, (shift_s, piece) in enumerate(pieces):
        renamed: dict[str, str] = {}
        for character in piece.characters:
            key = character.name.casefold()
            if key not in names:
                names[key] = f"char_{len(names) + 1:03d}"
                joined.characters.append(character.model_copy(update={"id": names[key]}))
            renamed[character.id] = names[key]
        for scene in piece.scenes:
            events = [
                event.model_copy(
                    update={
                        **_shifted(event, shift_s),
                        "id": f"p{number}.{event.id}",
                        "character_id": _renamed(renamed, event.character_id),
                    }
                )
                for event in scene.events
            ]
            joined.scenes.append(scene.model_copy(update={**_shifted(scene, shift_s), "id": f"p{number}.{scene.id}", "events": events}))
        joined.meta.duration_s = shift_s + piece.meta.duration_s
    return joined


def _renamed(names: Mapping[str, str], character_id: str) -> str:
    return names.get(character_id, character_id)


def _shifted(part: TimeRange, shift_s: float) -> dict[str, float]:
    return {"start_s": part.start_s + shift_s, "end_s": part.end_s + shift_s}


def _same_protocol(out: Path, protocol: Protocol) -> None:
    path = out / "protocol.json"
    now = json.dumps(asdict(protocol))
    if path.exists() and path.read_text(encoding="utf-8") != now:
        shutil.rmtree(out / "scripts", ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(now, encoding="utf-8")


def _write_one(sample: Sample, write: Write, scripts: Path, protocol: Protocol) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pieces = [(start_s, write(path)) for start_s, path in _shown(sample.media, protocol, Path(scratch))]
    script = pieces[0][1] if len(pieces) == 1 and pieces[0][0] == 0 else join(pieces)
    partial = scripts / f".{sample.name}.part"
    partial.write_text(dumps(script), encoding="utf-8")
    partial.replace(scripts / f"{sample.name}.json")


def _shown(media: Path, protocol: Protocol, scratch: Path) -> list[tuple[float, Path]]:
    """What the writer gets to see: (start in seconds, file) for each piece."""
    if protocol == Protocol(band=protocol.band):
        return [(0.0, media)]
    picture = [] if not protocol.mask_subtitles else ["-vf", f"drawbox=y=ih*{1 - protocol.band}:h=ih*{protocol.band}:color=black:t=fill"]
    sound = ["-c:a", "aac"] if protocol.with_audio else ["-an"]
    pieces = ["-f", "segment", "-segment_time", str(protocol.segment_s), "-reset_timestamps", "1"] if protocol.segment_s else []
    keys = ["-force_key_frames", f"expr:gte(t,n_forced*{protocol.segment_s})"] if protocol.segment_s else []
    target = f"file:{scratch.resolve()}/%05d.mp4" if pieces else f"file:{scratch.resolve()}/00000.mp4"
    try:
        ffmpeg.run(["-i", f"file:{media.resolve()}", *picture, *sound, *ENCODING, *keys, *pieces, target])
    except FfmpegError as error:
        raise DatasetError(f"{media} cannot be shown under this protocol: {error}") from error
    return [(i * (protocol.segment_s or 0.0), path) for i, path in enumerate(sorted(scratch.glob("*.mp4")))]
