"""Plot sentences over dialogue: the development part of the set in ``retrieval`` (EmoryNLP's, Apache 2.0), as scripts and questions.

Its people are ciphers, other ones in each scene. Each scene deals names to them, the same ones for every run, leads first, so
that a name alone tells little; with ``named=False`` the questions say "someone" instead.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from benchmarks.ranking.labelled import LabelledSet, Question
from omniscript_mam.script import Character, Event, Scene, Script

CAST = (
    "Alice Bernard Clara Dennis Edith Frank Greta Howard Irene Julian Karen Leonard Martha Norman Olive Patrick Quentin Roberta "
    "Stanley Theresa Ulric Veronica Walter Yvonne"
).split()
NUM_LEADS = 6
"""Names that are dealt before any other, as in a series that is about six people: plain BM25 then gets .63 MRR with names, .59 without."""

LINE_S = 3.0
_CIPHER = re.compile(r"@ent\d+|@placeholder")


def friends(path: Path, *, named: bool = True) -> LabelledSet:
    """Read the set.

    Args:
        path: ``friends_dev.json``.
        named: false puts the names in the questions as "someone".
    """
    data = json.loads(path.read_text())
    names = {scene_id: _deal(scene_id, lines, data["queries"]) for scene_id, lines in data["scenes"].items()}
    episodes: dict[str, dict[str, list[list[str]]]] = {}
    for scene_id, lines in data["scenes"].items():
        episodes.setdefault(scene_id.rsplit("_", 1)[0], {})[scene_id] = lines
    scripts = {key: (key, _script(scenes, names)) for key, scenes in episodes.items()}
    questions = []
    for row in data["queries"]:
        scene_id = row["scene_id"]
        asset_id = scene_id.rsplit("_", 1)[0]
        text = row["query"].replace("@placeholder", row["answer"])
        text = _CIPHER.sub(lambda m, of=names[scene_id]: of[m.group()] if named else "someone", text)  # type: ignore[misc]
        questions.append(Question(text, frozenset({f"{asset_id}:{scene_id}"}), asset_id, "plot"))
    return LabelledSet("friends", scripts, questions)


def _deal(scene_id: str, lines: list[list[str]], queries: list[dict[str, str]]) -> dict[str, str]:
    dice = random.Random(scene_id)
    text = " ".join(part for line in lines for part in line)
    text += " ".join(f"{row['query']} {row['answer']}" for row in queries if row["scene_id"] == scene_id)
    ciphers = sorted(set(_CIPHER.findall(text)) - {"@placeholder"})
    dice.shuffle(ciphers)
    leads, guests = list(CAST[:NUM_LEADS]), list(CAST[NUM_LEADS:]) + [f"{name}a" for name in CAST]
    dealt: dict[str, str] = {}
    for cipher in ciphers:
        names = leads or guests
        dealt[cipher] = names.pop(dice.randrange(len(names)))
    return dealt


def _script(scenes: dict[str, list[list[str]]], names: dict[str, dict[str, str]]) -> Script:
    cast = sorted({name for scene_id in scenes for name in names[scene_id].values()})
    ids = {name: f"char_{number}" for number, name in enumerate(cast)}
    script = Script(characters=[Character(id=ids[name], name=name, named=True) for name in cast])
    clock_s, number = 0.0, 0
    for scene_id, lines in scenes.items():
        scene = Scene(id=scene_id, start_s=clock_s, end_s=clock_s + LINE_S * len(lines))
        for speaker, text in lines:
            number += 1
            text = _CIPHER.sub(lambda m, of=names[scene_id]: of[m.group()], text)  # type: ignore[misc]
            speaker = next(iter(_CIPHER.findall(speaker)), "")  # who speaks together is put down to the first of them
            who = {"character_id": ids[names[scene_id][speaker]]} if speaker else {}
            what = {"dialogue": text} if speaker else {"action": text}
            scene.events.append(Event(id=f"e{number}", start_s=clock_s, end_s=clock_s + LINE_S, **who, **what))
            clock_s += LINE_S
        script.scenes.append(scene)
    return script
