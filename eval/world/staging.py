"""Who stands where, does what, and from where we look: the director between a Script and the pictures.

Positions are in units of the backdrop (160 wide); times in seconds of the film. :func:`stage` gives every scene its shots (a wide shot,
and close-ups of whoever speaks) and, for each moment, the position and pose of everybody in it.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

from omniscript_mam.script import ENVIRONMENT_ID, Event, Scene

ACTIONS = {
    "run": "run chase flee hurr",
    "jump": "jump leap hop",
    "wave": "wave waves waving greet",
    "point": "point",
    "hug": "hug embrace",
    "angry": "hands on hips stamp shout argue furious",
    "shrug": "shrug",
    "cry": "cry weep sob hides face",
    "dance": "danc",
    "sit": "sit sits down",
    "phone": "phone call",
    "walk": "walk enter come step leave go away arrive pace",
}
"""Pose → words of an action that ask for it, first match wins."""

ENTERS = ("enter", "come in", "comes in", "walks in", "runs in", "arrive", "walks up", "comes up")
LEAVES = ("leave", "walks out", "walks away", "runs away", "goes away", "exits", "goes out", "walks off")
CROSSING_S = 2.2
"""How long it takes to walk in or out."""
CLOSE_FROM_S = 1.0
"""Shorter lines are heard in the wide shot."""


@dataclass(frozen=True)
class Shot:
    """From ``start_s`` to ``end_s``: the whole place, or one character close (``close`` is an id)."""

    start_s: float
    end_s: float
    close: str = ""


@dataclass(frozen=True)
class Placed:
    """Somebody at one moment: x in units, which way they face (-1 left, 1 right), pose, and seconds since the pose began."""

    character_id: str
    x: float
    facing: float
    action: str
    since_s: float


@dataclass
class Staged:
    """A scene with its shots and its cast's home positions."""

    scene: Scene
    shots: list[Shot]
    homes: dict[str, float]
    _acts: dict[str, list[Event]] = field(default_factory=dict)

    def shot_at(self, time_s: float) -> Shot:
        """The shot on screen at a time within the scene."""
        starts = [shot.start_s for shot in self.shots]
        return self.shots[max(0, bisect.bisect_right(starts, time_s + 1e-6) - 1)]

    def speaker_at(self, time_s: float) -> Event | None:
        """The line that is being spoken, if any."""
        return next((e for e in self.scene.events if e.dialogue and e.start_s <= time_s < e.end_s), None)

    def cast_at(self, time_s: float) -> list[Placed]:
        """Everybody in view in the wide shot, left to right."""
        placed = [found for who in self.homes if (found := self._placed(who, time_s)) is not None]
        return sorted(placed, key=lambda p: p.x)

    def _placed(self, who: str, time_s: float) -> Placed | None:
        home = self.homes[who]
        facing = 1.0 if home < 80 else -1.0
        edge = -14.0 if home < 80 else 174.0
        for event in self._acts.get(who, []):
            words = event.action.lower()
            way = "run" if "run" in words else "walk"
            since_s = time_s - event.start_s
            if _any(words, ENTERS):
                if since_s < 0:
                    return None
                if since_s < CROSSING_S:
                    return Placed(who, edge + (home - edge) * since_s / CROSSING_S, facing, way, since_s)
            elif _any(words, LEAVES) and since_s >= 0:
                if since_s >= CROSSING_S:
                    return None
                return Placed(who, home + (edge - home) * since_s / CROSSING_S, -facing, way, since_s)
            if event.start_s <= time_s < event.end_s:
                return Placed(who, home, facing, pose_of(event.action) or "still", since_s)
        speaking = self.speaker_at(time_s)
        if speaking is not None and speaking.character_id == who:
            return Placed(who, home, facing, "talk", time_s - speaking.start_s)
        return Placed(who, home, facing, "still", time_s)


def pose_of(action: str) -> str | None:
    """The pose that an action's words ask for."""
    lowered = action.lower()
    return next((pose for pose, words in ACTIONS.items() if any(word in lowered for word in words.split())), None)


def stage(scene: Scene) -> Staged:
    """Stage one scene whose events have their final times."""
    cast = list(dict.fromkeys(event.character_id for event in scene.events if event.character_id != ENVIRONMENT_ID))
    homes = {who: 160.0 * (i + 1) / (len(cast) + 1) for i, who in enumerate(cast)}
    acts = {who: [e for e in scene.events if e.character_id == who and e.action] for who in cast}
    return Staged(scene, _shots(scene), homes, acts)


def _shots(scene: Scene) -> list[Shot]:
    """Wide from the start; close on every line that is long enough, but never two seconds before or during an entrance or exit."""
    moving = [(e.start_s, e.start_s + CROSSING_S) for e in scene.events if _any(e.action.lower(), (*ENTERS, *LEAVES))]
    acting = [(e.start_s, e.end_s) for e in scene.events if e.action and not e.dialogue]
    cuts: list[tuple[float, str]] = [(scene.start_s, "")]
    lines = [e for e in scene.events if e.dialogue and e.character_id != ENVIRONMENT_ID]
    for number, line in enumerate(lines):
        busy = any(a < line.end_s and b > line.start_s for a, b in (*moving, *acting))
        wide = busy or line.end_s - line.start_s < CLOSE_FROM_S or number % 3 == 0 or line.voice_type == "VO"
        cuts.append((max(scene.start_s, line.start_s - 0.15), "" if wide else line.character_id))
        after = lines[number + 1].start_s if number + 1 < len(lines) else scene.end_s
        if not wide and after - line.end_s > 1.2:
            cuts.append((line.end_s + 0.4, ""))
    merged: list[tuple[float, str]] = []
    for time_s, close in sorted(cuts, key=lambda cut: cut[0]):
        if merged and (merged[-1][1] == close or time_s - merged[-1][0] < 0.5):
            continue
        merged.append((time_s, close))
    ends = [time_s for time_s, _ in merged[1:]] + [scene.end_s]
    return [Shot(start_s, end_s, close) for (start_s, close), end_s in zip(merged, ends, strict=True)]


def _any(words: str, wanted: tuple[str, ...]) -> bool:
    return any(word in words for word in wanted)
