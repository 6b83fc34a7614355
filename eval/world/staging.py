"""Who stands where, does what, and from where we look: the director between a Script and the pictures.

Positions are in units of the backdrop (160 wide); times in seconds of the film. :func:`stage` gives every scene its shots (a wide shot,
and close-ups of whoever speaks) and, for each moment, the position and pose of everybody in it.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field

from omniscript_mam.script import ENVIRONMENT_ID, Event, Scene

ACTIONS = {
    "run": ("run", "chase", "flee", "hurr"),
    "jump": ("jump", "leap", "hop"),
    "wave": ("wave", "waving", "greet"),
    "point": ("point",),
    "hug": ("hug", "embrac"),
    "angry": ("hands on hips", "stamp", "shout", "argu", "furious"),
    "shrug": ("shrug",),
    "cry": ("cry", "cries", "weep", "sob", "hides her face", "hides his face"),
    "dance": ("danc",),
    "sit": ("sit", "sits"),
    "phone": ("phone", "telephone"),
    "walk": ("walk", "enter", "come", "step", "leave", "go away", "goes away", "arrive", "pace"),
}
"""Pose → beginnings of words of an action that ask for it, first match wins."""

ENTERS = ("enter", "come in", "comes in", "walks in", "runs in", "arrive", "walks up", "comes up")
LEAVES = ("leave", "walks out", "walks away", "runs away", "goes away", "exits", "goes out", "walks off")
CROSSING_S = 2.2
"""How long it takes to walk in or out."""
APPROACH_S = 0.8
"""How long it takes to step up to somebody for a hug."""
HUG_GAP = 17.0
"""How far apart two people who hug stand, in units."""
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
        placed = [person for who in self.homes if (person := self._placed(who, time_s)) is not None]
        return sorted(placed, key=lambda p: p.x)

    def _placed(self, who: str, time_s: float) -> Placed | None:
        home = self.homes[who]
        facing = 1.0 if home < 80 else -1.0
        for event in self._acts.get(who, []):
            words = event.action.lower()
            since_s = time_s - event.start_s
            if _any(words, ENTERS) and since_s < CROSSING_S:
                return self._crossing(who, home, facing, words, since_s, inwards=True) if since_s >= 0 else None
            if _any(words, LEAVES) and since_s >= 0:
                return self._crossing(who, home, facing, words, since_s, inwards=False) if since_s < CROSSING_S else None
            if pose_of(words) == "hug" and since_s >= 0 and (near := self._beside(who)) is not None:
                if since_s < APPROACH_S:
                    return Placed(who, home + (near - home) * since_s / APPROACH_S, facing, "walk", since_s)
                home = near
            if event.start_s <= time_s < event.end_s:
                return Placed(who, home, facing, pose_of(words) or "still", since_s)
        if (hugged_since_s := self._hugged(who, time_s)) is not None:
            return Placed(who, home, facing, "hug", hugged_since_s)
        speaking = self.speaker_at(time_s)
        if speaking is not None and speaking.character_id == who:
            return Placed(who, home, facing, "talk", time_s - speaking.start_s)
        return Placed(who, home, facing, "still", time_s)

    def _crossing(self, who: str, home: float, facing: float, words: str, since_s: float, *, inwards: bool) -> Placed:
        """Somebody on the way in or out, at the side that the action names, else the nearer one."""
        right = "right" in words or ("left" not in words and home >= 80)
        edge = 174.0 if right else -14.0
        share = since_s / CROSSING_S
        way = 1.0 if right != inwards else -1.0
        x = edge + (home - edge) * share if inwards else home + (edge - home) * share
        return Placed(who, x, way, "run" if pose_of(words) == "run" else "walk", since_s)

    def _beside(self, who: str) -> float | None:
        """Where somebody stands to hug the nearest other one, in units; None if there is nobody."""
        home = self.homes[who]
        others = sorted((x for other, x in self.homes.items() if other != who), key=lambda x: abs(x - home))
        return (others[0] + (HUG_GAP if home > others[0] else -HUG_GAP)) if others else None

    def _hugged(self, who: str, time_s: float) -> float | None:
        """Seconds since somebody's arms closed around this one, or None."""
        for other, events in self._acts.items():
            near = self._beside(other) if other != who else None
            if near is not None and abs(near - self.homes[who]) <= HUG_GAP + 1e-6:
                for event in events:
                    if pose_of(event.action) == "hug" and event.start_s + APPROACH_S <= time_s < event.end_s:
                        return time_s - event.start_s - APPROACH_S
        return None


def pose_of(action: str) -> str | None:
    """The pose that an action's words ask for."""
    lowered = action.lower()
    return next((pose for pose, words in ACTIONS.items() if any(re.search(rf"\b{word}", lowered) for word in words)), None)


def stage(scene: Scene) -> Staged:
    """Stage one scene whose events have their final times."""
    cast = list(dict.fromkeys(event.character_id for event in scene.events if event.character_id != ENVIRONMENT_ID))
    cast.sort(key=lambda who: _side(scene, who))
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


def _side(scene: Scene, who: str) -> int:
    """-1 if somebody's ways in and out are on the left, 1 on the right, 0 if the script does not say."""
    moves = " ".join(e.action.lower() for e in scene.events if e.character_id == who and _any(e.action.lower(), (*ENTERS, *LEAVES)))
    return ("right" in moves) - ("left" in moves)


def _any(words: str, wanted: tuple[str, ...]) -> bool:
    return any(word in words for word in wanted)
