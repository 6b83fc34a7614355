"""What a scene's slug line says: interior or exterior, place, environment, time of day; each only where something shows it.

Evidence comes from the look of the shots, the things and sounds in them, words on screen ("London, 1999 – night") and words spoken
("good morning"). Words on screen outrank pictures; a picture is believed only where it is plain. Confidences are shares of right
answers seen while calibrating on the footage and on rendered films, rounded down.

Contents: :class:`Finding`, :class:`SceneEvidence`, :func:`describe`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.evidence.joining.gather import Shot
from inference.evidence.joining.reconcile import Utterance
from inference.evidence.observed import Look, Sound, TextSpan
from inference.evidence.spans import overlap_s


@dataclass(frozen=True)
class Finding:
    """A value with its confidence (0..1) and the reason in words."""

    value: str
    confidence: float
    evidence: str


@dataclass
class SceneEvidence:
    """What was observed between a scene's start and end."""

    start_s: float
    end_s: float
    shots: list[Shot] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)
    texts: list[TextSpan] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    loudness_db: list[float] = field(default_factory=list)
    expressions: dict[str, float] = field(default_factory=dict)
    num_cuts: int = 0
    music_share: float = 0.0
    emotions: dict[str, float] = field(default_factory=dict)

    def mean(self, feature: str) -> float:
        """Mean of a look's feature over the shots, weighted by their time in the scene (0 without a picture)."""
        pairs = [(getattr(shot.look, feature), max(1e-3, overlap_s(shot, self))) for shot in self.shots if shot.look is not None]
        return float(np.average([v for v, _ in pairs], weights=[w for _, w in pairs])) if pairs else 0.0

    @property
    def sky(self) -> float:
        """Mean share of sky, 0..1; a flat grey backdrop (graphics, a studio) looks like sky to the measure and is none."""
        pairs = []
        for shot in self.shots:
            look = shot.look
            if look is not None:
                is_backdrop = look.saturation < 0.12 and abs(look.blue_bias) < 0.015 and look.contrast < 0.16
                pairs.append((0.0 if is_backdrop else look.sky, max(1e-3, overlap_s(shot, self))))
        return float(np.average([v for v, _ in pairs], weights=[w for _, w in pairs])) if pairs else 0.0

    @property
    def lit_luma(self) -> float:
        """Mean luma, 0..1, of the colours that are not black, over the shots' palettes."""
        lumas = []
        for shot in self.shots:
            for colour in shot.look.palette if shot.look is not None else ():
                red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
                if max(red, green, blue) > 0.08:
                    lumas.append(0.299 * red + 0.587 * green + 0.114 * blue)
        return float(np.mean(lumas)) if lumas else 0.0

    @property
    def has_picture(self) -> bool:
        """Whether any shot of the scene was looked at; sound alone has none."""
        return any(isinstance(shot.look, Look) for shot in self.shots)


OUTDOOR_THINGS = frozenset("car bus truck train boat airplane bicycle motorcycle".split()) | {
    "traffic light", "fire hydrant", "stop sign", "parking meter", "kite", "surfboard", "skis", "snowboard",
}  # fmt: skip
INDOOR_THINGS = frozenset("bed couch tv laptop toilet sink refrigerator oven microwave toaster keyboard mouse".split()) | {"dining table"}

PLACES: dict[str, tuple[str, str]] = {
    "church": ("Church", ""), "altar": ("Church", "Interior"), "organ": ("Church", "Interior"), "monastery": ("Monastery", ""),
    "mosque": ("Mosque", ""), "castle": ("Castle", ""), "palace": ("Palace", ""), "library": ("Library", "Interior"),
    "bookshop": ("Bookshop", "Interior"), "restaurant": ("Restaurant", "Interior"), "barbershop": ("Barber shop", "Interior"),
    "bakery": ("Bakery", "Interior"), "butcher shop": ("Butcher's shop", "Interior"), "grocery store": ("Grocery store", "Interior"),
    "tobacco shop": ("Shop", "Interior"), "shoe shop": ("Shoe shop", "Interior"), "toyshop": ("Toy shop", "Interior"),
    "cinema": ("Cinema", ""), "stage": ("Stage", "Interior"), "theater curtain": ("Theatre", "Interior"), "prison": ("Prison", ""),
    "greenhouse": ("Greenhouse", ""), "barn": ("Barn", ""), "boathouse": ("Boathouse", "Exterior"), "planetarium": ("Planetarium", ""),
    "seashore": ("Seashore", "Exterior"), "lakeside": ("Lakeside", "Exterior"), "sandbar": ("Beach", "Exterior"),
    "alp": ("Mountains", "Exterior"), "valley": ("Valley", "Exterior"), "cliff": ("Cliff", "Exterior"), "volcano": ("Volcano", "Exterior"),
    "geyser": ("Geyser", "Exterior"), "promontory": ("Coast", "Exterior"), "coral reef": ("Coral reef", "Exterior"),
    "suspension bridge": ("Bridge", "Exterior"), "steel arch bridge": ("Bridge", "Exterior"), "viaduct": ("Viaduct", "Exterior"),
    "dam": ("Dam", "Exterior"), "pier": ("Pier", "Exterior"), "dock": ("Dock", "Exterior"), "street sign": ("Street", "Exterior"),
    "traffic light": ("Street", "Exterior"), "home theater": ("Living room", "Interior"), "desk": ("Office", "Interior"),
}  # fmt: skip
"""Image-class labels that are places → (place, type)."""

CATCH_ALLS = frozenset("Restaurant Library Shop Stage Office Prison Cinema".split()) | {"Grocery store", "Living room"}
"""Places that the image model guesses for any busy or dark room: believed in two shots, or where it is sure."""

OUTDOOR_SOUNDS = (
    "wind",
    "rain",
    "thunder",
    "bird",
    "cricket",
    "frog",
    "stream",
    "ocean",
    "waves",
    "outside",
    "traffic",
    "helicopter",
    "owl",
)
INDOOR_SOUNDS = ("inside", "typing", "dishes", "door", "telephone", "microwave", "toilet", "sink (filling")
ENVIRONMENT_SOUNDS = {
    "rain": "rain", "thunder": "thunderstorm", "wind": "wind", "ocean": "sea", "waves": "sea", "stream": "running water",
    "fire": "fire", "crackle": "fire", "bird": "birdsong", "cricket": "crickets", "traffic": "traffic", "crowd": "crowd",
    "chatter": "chatter", "applause": "audience", "engine": "engines", "helicopter": "helicopter", "train": "trains",
}  # fmt: skip

STILL_PICTURE = 0.003
"""Mean change of luma per second below which a bright picture is a slide or a drawing that shows no daylight."""
_TIME_WORDS = (
    ("Night", r"\b(?:mid-?night|tonight|good night|goodnight|nighttime|night)\b|今晚|晚安|半夜|深夜|夜晚|夜里"),
    ("Dawn", r"\b(?:dawn|sunrise|daybreak)\b|黎明|清晨|日出"),
    ("Morning", r"\b(?:good morning|this morning|morning)\b|早上好|早安|早晨|今早"),
    ("Noon", r"\b(?:noon|midday)\b|中午"),
    ("Afternoon", r"\b(?:good afternoon|this afternoon|afternoon)\b|下午好|下午"),
    ("Evening", r"\b(?:good evening|this evening|evening|dusk|sunset)\b|傍晚|黄昏|晚上好"),
    ("Day", r"\b(?:daytime|day)\b|白天"),
)
_SPOKEN_NOW = {
    "Night": r"\b(?:good night|goodnight|tonight|in the middle of the night|it's mid-?night)\b|晚安|今晚|深夜",
    "Dawn": r"\b(?:it was dawn|it's dawn|at dawn)\b",
    "Morning": r"\b(?:good morning|this morning)\b|早上好|早安|今早",
    "Afternoon": r"\b(?:good afternoon|this afternoon)\b|下午好",
    "Evening": r"\b(?:good evening|this evening)\b|晚上好",
}
_CARD_PLACE = re.compile(r"^(?:(?P<type>INT|EXT)\.?\s+)?(?P<place>[A-Z][\w'’ -]{2,40}?)\s*(?:,|[-–—|]|\n)\s*(?P<rest>.+)$", re.DOTALL)


def describe(scene: SceneEvidence) -> dict[str, Finding]:
    """The findings by field (``type``, ``location``, ``environment``, ``time``); what is not known is absent."""
    findings = {"time": _time(scene), "location": _location(scene), "environment": _environment(scene)}
    findings["type"] = _type(scene, findings["location"])
    return {field_name: finding for field_name, finding in findings.items() if finding is not None}


def _cards(scene: SceneEvidence) -> list[TextSpan]:
    """Captions that set the scene: short, and not the film's credits."""
    return [text for text in scene.texts if text.role in ("title", "sign", "caption") and len(text.text) < 80]


def _time(scene: SceneEvidence) -> Finding | None:
    for text in _cards(scene):
        for value, pattern in _TIME_WORDS:
            # A time of day on a card stands beside a place or a date; "Night of the Hunter" is a title.
            if re.search(pattern, text.text, re.IGNORECASE) and re.search(r"[,\d–—|\n-]", text.text):
                return Finding(value, 0.85, f"on screen: “{' '.join(text.text.split())}”")
    spoken = [(value, u) for u in scene.utterances for value, pattern in _SPOKEN_NOW.items() if re.search(pattern, u.text, re.IGNORECASE)]
    seen = _time_by_light(scene)
    if spoken:
        value, utterance = spoken[0]
        if seen is None or (value in ("Night", "Evening")) == (seen.value == "Night"):
            # "Tonight" is also said by day about later; light that agrees makes it sure.
            confidence = 0.75 if seen is not None else 0.4 if value == "Night" else 0.55
            return Finding(value, confidence, f"said at {utterance.start_s:.1f} s: “{utterance.text[:60]}”")
    return seen


def _time_by_light(scene: SceneEvidence) -> Finding | None:
    if not scene.has_picture:
        return None
    brightness, dark, sky = scene.mean("brightness"), scene.mean("dark_share"), scene.mean("sky")
    blue, vegetation = scene.mean("blue_bias"), scene.mean("vegetation")
    evidence = f"brightness {brightness:.2f}, dark share {dark:.2f}, blue bias {blue:+.2f}, sky {sky:.2f}"
    if brightness < 0.04:
        return None
    shown = [shot for shot in scene.shots if shot.look is not None and overlap_s(shot, scene) > 0.8]
    bright_sky = any(shot.look is not None and shot.look.brightness > 0.42 and shot.look.sky > 0.3 for shot in shown)
    # Bright panels on black, or a letterbox, are dark on average too: at night nothing lit is bright.
    if not bright_sky and brightness < 0.32 and dark > 0.4 and scene.lit_luma < 0.42 and blue > -0.1 and (sky < 0.25 or blue > 0.03):
        confidence = 0.5 + 0.15 * (blue > 0.03) + 0.1 * (dark > 0.7)
        return Finding("Night", round(confidence, 2), evidence)
    if not bright_sky and brightness < 0.4 and blue > 0.10 and dark > 0.2 and scene.lit_luma < 0.5:
        return Finding("Night", 0.55, evidence)
    if scene.mean("motion") < STILL_PICTURE:
        return None
    sky = scene.sky
    if brightness > 0.45 and dark < 0.25 and (sky > 0.3 or vegetation > 0.15):
        return Finding("Day", round(0.6 + 0.15 * (sky > 0.5) + 0.1 * (brightness > 0.6), 2), evidence)
    if brightness > 0.55 and dark < 0.1:
        return Finding("Day", 0.45, evidence)
    return None


def _things(scene: SceneEvidence, names: Iterable[str], least: float = 0.3) -> list[str]:
    return sorted({name for name in names for shot in scene.shots if shot.things.get(name, 0.0) >= least})


def _sounds(scene: SceneEvidence, needles: Sequence[str], least_s: float = 1.0) -> list[str]:
    labels = []
    for sound in scene.sounds:
        label = sound.label.casefold()
        if sound.score >= 0.35 and sound.end_s - sound.start_s >= least_s and any(label.startswith(n) or f" {n}" in label for n in needles):
            labels.append(sound.label)
    return sorted(set(labels))


def _type(scene: SceneEvidence, location: Finding | None) -> Finding | None:
    for text in _cards(scene):
        if re.match(r"(?:INT|EXT)[. ]", text.text):
            return Finding("Interior" if text.text.startswith("INT") else "Exterior", 0.95, f"on screen: “{text.text[:60]}”")
    outside, inside = 0.0, 0.0
    reasons: list[str] = []
    sky, vegetation = scene.sky, scene.mean("vegetation")
    if sky > 0.35:
        # A bright wall passes for a grey sky: only a large sky with colour in the picture is enough on its own.
        outside += 0.25 + (0.5 * sky if sky > 0.5 and scene.mean("saturation") > 0.06 else 0.0)
        reasons.append(f"sky {sky:.2f}")
    if vegetation > 0.2:
        outside += 0.35
        reasons.append(f"vegetation {vegetation:.2f}")
    outdoor, indoor = _things(scene, OUTDOOR_THINGS), _things(scene, INDOOR_THINGS)
    if not indoor and scene.mean("sky") < 0.1 and vegetation < 0.05:
        # Chairs stand in gardens too, but there is sky or green about them; one shot alone may show neither.
        indoor = ["chair"] if sum(shot.things.get("chair", 0.0) >= 0.3 for shot in scene.shots) >= 2 else []
    outside += 0.45 * bool(outdoor)
    inside += 0.3 * min(3, len(indoor)) + 0.25 * bool(indoor)
    heard_out, heard_in = _sounds(scene, OUTDOOR_SOUNDS, 2.0), _sounds(scene, INDOOR_SOUNDS)
    outside += 0.3 * bool(heard_out)
    inside += 0.25 * bool(heard_in)
    if location is not None:
        kind = next((kind for place, kind in PLACES.values() if place == location.value and kind), "")
        outside += 0.5 * (kind == "Exterior")
        inside += 0.5 * (kind == "Interior")
    reasons += [*outdoor, *indoor, *heard_out, *heard_in]
    strong, weak = max(outside, inside), min(outside, inside)
    if strong < 0.4 or strong - weak < 0.2:
        return None
    confidence = round(min(0.85, 0.35 + 0.5 * (strong - weak)), 2)
    return Finding("Exterior" if outside > inside else "Interior", confidence, ", ".join(reasons[:6]))


def _location(scene: SceneEvidence) -> Finding | None:
    for text in _cards(scene):
        match = _CARD_PLACE.match(text.text.strip())
        if match and re.search(r"\d{4}|" + "|".join(p for _, p in _TIME_WORDS), match["rest"], re.IGNORECASE):
            return Finding(match["place"].strip().title(), 0.85, f"on screen: “{' '.join(text.text.split())}”")
    scores: dict[str, list[float]] = {}
    for shot in scene.shots:
        for label, probability in (shot.look.labels if shot.look is not None else {}).items():
            place = PLACES.get(label.casefold().split(",")[0])
            if place and probability >= 0.5:
                scores.setdefault(place[0], []).append(probability)
    if not scores:
        return None
    value = max(sorted(scores), key=lambda place: sum(scores[place]))
    best = max(scores[value])
    if value in CATCH_ALLS and best < 0.7 and len(scores[value]) < 2:
        return None
    return Finding(
        value,
        round(min(0.8, 0.8 * best + 0.05 * (len(scores[value]) - 1)), 2),
        f"image class in {len(scores[value])} shots, up to {best:.2f}",
    )


def _environment(scene: SceneEvidence) -> Finding | None:
    parts: list[str] = []
    reasons: list[str] = []
    for needle, word in ENVIRONMENT_SOUNDS.items():
        heard = _sounds(scene, (needle,), 1.5)
        if heard and word not in parts:
            parts.append(word)
            reasons += heard
    if scene.mean("vegetation") > 0.3:
        parts.append("greenery")
        reasons.append(f"vegetation {scene.mean('vegetation'):.2f}")
    if scene.sky > 0.5:
        parts.append("open sky")
        reasons.append(f"sky {scene.mean('sky'):.2f}")
    if not parts:
        return None
    text = ", ".join(parts[:4])
    return Finding(text[0].upper() + text[1:], 0.5, ", ".join(reasons[:5]))
