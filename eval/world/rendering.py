"""A Script in, a film out, with the exact reference beside it.

Lines take as long as they are spoken: where a line would run into the next event, what follows moves back (:func:`retimed`). The reference
is the Script with the times as rendered, snapped to frames where the picture cuts. Pictures are drawn twelve times a second and
shown twice or more, as drawn films are. The same script, seed and size give the same pictures and sound.
"""

from __future__ import annotations

import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from eval import ffmpeg
from eval.errors import EncodingError
from omniscript_mam.script import Event, Scene, Script, dumps, validate

from . import sounds
from .appearance import Appearance, choose_appearances
from .face import Mien
from .places import Backdrop, find_daytime, find_place
from .puppet import Puppets, pose_at
from .staging import Placed, Staged, stage
from .subtitles import Subtitles
from .voices import RATE_HZ, Samples, mouth_levels, speak

DRAWN_HZ = 12
PAUSE_S = 0.25
"""Least silence between two lines."""
REFERENCE_SUFFIX = ".gt.json"

Report = Callable[[float, str], None]


def render(
    script: Script,
    out_path: Path,
    *,
    seed: int = 0,
    size: tuple[int, int] = (854, 480),
    frame_rate: Fraction = Fraction(24),
    subtitles: Sequence[str] = (),
    with_sound: bool = True,
    report: Report = lambda share, message: None,
) -> Script:
    """Render a film and write its reference beside it (``NAME.gt.json``).

    Args:
        size: (width, height) in pixels, both even.
        frame_rate: exact.
        subtitles: languages burnt into the picture: ``"en"``, ``"zh"``; a line's text in a language is the line itself if it is
            written so, otherwise ``on_screen_text`` of its event.
        report: told the share of frames written.

    Returns:
        The reference: the script with the times, appearances and voices as rendered.

    Raises:
        MissingVoiceError, MissingFontError, EncodingError
    """
    appearances = choose_appearances(script.characters, seed)
    spoken_events = [e for scene in script.scenes for e in scene.events if e.dialogue]
    default = next(iter(appearances.values()), None)
    voices = [appearances.get(e.character_id, default) for e in spoken_events]
    lines = dict(
        zip(
            (e.id for e in spoken_events),
            speak([(v.voice, e.dialogue) for v, e in zip(voices, spoken_events, strict=True) if v]),
            strict=True,
        )
    )
    reference = described(retimed(script, {key: len(line) / RATE_HZ for key, line in lines.items()}, frame_rate), appearances)
    film = _Film(reference, appearances, lines, size, seed, Subtitles(subtitles, size))
    with tempfile.TemporaryDirectory(dir=out_path.resolve().parent) as scratch:
        sound = _write_sound(Path(scratch) / "sound.wav", track(reference, lines, seed)) if with_sound else None
        partial = Path(scratch) / "film.mp4"
        _encode(film.pictures(frame_rate), partial, size, frame_rate, sound, film.num_frames(frame_rate), report)
        partial.replace(out_path)
    out_path.with_suffix(REFERENCE_SUFFIX).write_text(dumps(reference, indent=1), encoding="utf-8")
    return reference


def retimed(script: Script, spoken_s: dict[str, float], frame_rate: Fraction) -> Script:
    """The script with the times that speech allows: a line ends when it is spoken; what would overlap it moves back."""
    scenes: list[Scene] = []
    moved_s = 0.0
    for scene in script.scenes:
        start_s = _snapped(scene.start_s + moved_s, frame_rate)
        events: list[Event] = []
        free_s = start_s
        for event in sorted(scene.events, key=lambda e: (e.start_s, e.end_s)):
            begin_s = event.start_s + moved_s
            length_s = spoken_s.get(event.id, event.end_s - event.start_s)
            if event.dialogue and begin_s < free_s:
                moved_s += free_s - begin_s
                begin_s = free_s
            events.append(event.model_copy(update={"start_s": round(begin_s, 4), "end_s": round(begin_s + length_s, 4)}))
            if event.dialogue:
                free_s = begin_s + length_s + PAUSE_S
        end_s = _snapped(max([scene.end_s + moved_s, *(e.end_s + 0.3 for e in events)]), frame_rate)
        moved_s = max(moved_s, end_s - scene.end_s)
        scenes.append(scene.model_copy(update={"start_s": start_s, "end_s": end_s, "events": events}))
    meta = script.meta.model_copy(update={"duration_s": scenes[-1].end_s if scenes else 0.0, "frame_rate": str(frame_rate)})
    return validate(Script(**{**dict(script), "meta": meta, "scenes": scenes, "plot": [], "high_points": []}))


def described(script: Script, appearances: dict[str, Appearance]) -> Script:
    """The script with each profile's appearance in words."""
    people = [c.model_copy(update={"appearance": appearances[c.id].describe()}) if c.id in appearances else c for c in script.characters]
    return script.model_copy(update={"characters": people})


def track(script: Script, lines: dict[str, Samples], seed: int) -> Samples:
    """The film's sound: lines at their times, and the sound of every audio cue for as long as its event."""
    spoken = [(event.start_s, lines[event.id]) for event in script.events() if event.id in lines]
    heard = []
    for number, event in enumerate(script.events()):
        name = sounds.sound_of(event.audio_cue) if event.audio_cue else None
        if name:
            heard.append((event.start_s, sounds.make(name, max(0.3, event.end_s - event.start_s), seed * 1000 + number)))
    return sounds.mix(script.meta.duration_s, spoken, heard)


class _Film:
    """Draws the pictures of a timed script."""

    def __init__(
        self,
        script: Script,
        appearances: dict[str, Appearance],
        lines: dict[str, Samples],
        size: tuple[int, int],
        seed: int,
        subtitles: Subtitles,
    ) -> None:
        self._script, self._appearances, self._size, self._seed, self._subtitles = script, appearances, size, seed, subtitles
        self._mouths = {key: mouth_levels(line, DRAWN_HZ) for key, line in lines.items()}
        self._puppets = Puppets()

    def num_frames(self, frame_rate: Fraction) -> int:
        return round(self._script.meta.duration_s * frame_rate)

    def pictures(self, frame_rate: Fraction) -> Iterator[bytes]:
        """RGB bytes of every frame of the film."""
        total = self.num_frames(frame_rate)
        frame = 0
        for scene in self._script.scenes:
            staged = stage(scene)
            rain = any(sounds.sound_of(event.audio_cue) == "rain" for event in scene.events)
            backdrop = Backdrop(find_place(scene), find_daytime(scene), self._size, rain=rain, seed=self._seed)
            drawn, key = b"", None
            while frame < total and frame / frame_rate < Fraction(scene.end_s).limit_denominator(100000):
                time_s = float(frame / frame_rate)
                shot = staged.shot_at(time_s)
                now = (int(time_s * DRAWN_HZ + 1e-6), shot.start_s, self._subtitles.key(scene, time_s))
                if now != key:
                    picture = self._close(staged, backdrop, shot.close, time_s) if shot.close else self._wide(staged, backdrop, time_s)
                    self._subtitles.draw(picture, scene, time_s)
                    drawn, key = picture.tobytes(), now
                yield drawn
                frame += 1

    def _wide(self, staged: Staged, backdrop: Backdrop, time_s: float) -> Image.Image:
        width, height = self._size
        picture = backdrop.picture(time_s)
        for placed in staged.cast_at(time_s):
            appearance = self._appearances[placed.character_id]
            pose = pose_at(placed.action, round(placed.since_s * DRAWN_HZ) / DRAWN_HZ, placed.facing)
            sprite, feet = self._puppets.sprite(appearance, pose, self._mien(staged, placed, time_s), 0.6 * height, backdrop.tint)
            x, y = placed.x / 160 * width - feet[0], height * 0.93 - feet[1]
            picture.paste(sprite, (round(x), round(y)), sprite)
        return picture

    def _close(self, staged: Staged, backdrop: Backdrop, who: str, time_s: float) -> Image.Image:
        width, height = self._size
        home = staged.homes[who]
        picture = backdrop.blurred(int(time_s * 4) / 4, home / 160, 0.42)
        facing = 1.0 if home < 80 else -1.0
        placed = Placed(who, home, facing, "talk", 0.0)
        mien = self._mien(staged, placed, time_s)
        pose = pose_at("still", round(time_s * DRAWN_HZ) / DRAWN_HZ, facing)
        sprite, _ = self._puppets.sprite(self._appearances[who], pose, mien, 1.42 * height, backdrop.tint, bust=True)
        picture.paste(sprite, (round((width - sprite.width) / 2 - 0.05 * facing * width), height - sprite.height), sprite)
        return picture

    def _mien(self, staged: Staged, placed: Placed, time_s: float) -> Mien:
        line = staged.speaker_at(time_s)
        mouth = 0
        if line is not None and line.character_id == placed.character_id and line.id in self._mouths:
            levels = self._mouths[line.id]
            mouth = round(5 * float(levels[min(len(levels) - 1, int((time_s - line.start_s) * DRAWN_HZ))]))
        blink = int(time_s * DRAWN_HZ + 7 * placed.x) % 41 == 0
        expression = _expression(staged.scene, placed.character_id, time_s)
        return Mien(expression=expression, mouth=mouth, blink=blink, turn=0.55 * placed.facing, gaze=0.4 * placed.facing)


def _expression(scene: Scene, who: str, time_s: float) -> str:
    """The latest expression that somebody was given in the scene, in the words the face knows."""
    shown = "neutral"
    for event in sorted(scene.events, key=lambda e: e.start_s):
        if event.character_id == who and event.expression and event.start_s <= time_s:
            shown = event.expression.lower()
    words = {
        "happy": "happy joy glad smil relie warm",
        "sad": "sad sorry upset ashamed hurt guilt",
        "angry": "ang furious annoy",
        "surprised": "surpris shock amaz afraid",
    }
    return next((face for face, listed in words.items() if any(word in shown for word in listed.split())), "neutral")


def _snapped(time_s: float, frame_rate: Fraction) -> float:
    return float(round(Fraction(time_s).limit_denominator(100000) * frame_rate) / frame_rate)


def _write_sound(path: Path, samples: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _encode(
    pictures: Iterator[bytes], target: Path, size: tuple[int, int], frame_rate: Fraction, sound: Path | None, total: int, report: Report
) -> None:
    command = [ffmpeg.program(), "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}"]
    command += [
        "-r",
        str(frame_rate),
        "-i",
        "pipe:0",
        *(["-i", f"file:{sound}"] if sound else []),
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
    ]
    command += ["-crf", "20", "-g", str(round(frame_rate)), "-bf", "0", "-pix_fmt", "yuv420p", "-threads", "2"]
    command += [*(["-c:a", "aac", "-b:a", "128k"] if sound else ["-an"]), "-movflags", "+faststart", f"file:{target}"]
    with tempfile.TemporaryFile() as said:
        try:
            with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as encoder:
                assert encoder.stdin is not None
                for number, picture in enumerate(pictures):
                    encoder.stdin.write(picture)
                    if number % 24 == 0:
                        report(number / max(1, total), "drawing")
                encoder.stdin.close()
                code = encoder.wait()
        except BrokenPipeError:
            code = 1
        except FileNotFoundError as error:
            raise EncodingError("There is no ffmpeg on this machine.") from error
        if code:
            said.seek(0)
            reason = (said.read().decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
            raise EncodingError(f"ffmpeg could not encode the film: {reason}")
    report(1.0, "done")
