"""A small archive with known answers: six films in shorthand, padded with filler, and labelled queries with planted near-misses.

Shorthand: ``@ place | INT/EXT | time | mood`` opens a scene; ``Name: "line" / action [expression]`` is an event; ``~ sound`` an audio cue;
``# text`` on-screen text. Ids count through a film: scenes s1 …, events e1 … (filler: f1 …, in scenes of their own). Every event lasts
two seconds.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from omniscript_mam.script import Character, Event, PlotSegment, Scene, SceneType, Script

FILMS = {
    "harbour": ("The Harbour Ledger", "en", {"Mara": ["Inspector Voss"], "Victor": [], "Old Pete": ["Pete"]}, """
@ Harbour warehouse | INT | Night | tense
Mara: "Put the ledger on the table and step away from it." / aims a torch at Victor
Victor: "You have no idea what is written in that book." / smiles coldly [contempt]
~ a ship's horn sounds in the fog
Mara: "Six men drowned for it, Victor. Six." / slams her fist on a crate [fury]
Victor: "Then make it seven." / shouts at Mara and knocks the lamp over
~ glass shatters on concrete
@ Pier | EXT | Dawn | melancholy
Old Pete: "I mended nets here before you were born." / ties a rope to a bollard
Mara: "Did you see who took the boat out last night?" / kneels beside Old Pete
Old Pete: "I saw a man who walks like a man who owns the sea." / shakes his head
# NO MOORING BEYOND THIS POINT
~ seagulls cry overhead
@ Police station | INT | Day | calm
Mara: "I owe you an apology, Pete. I should have believed you." / pours two cups of coffee
Old Pete: "Apology accepted. Is there sugar?" / laughs warmly
# WANTED: VICTOR HALE
@ Harbour warehouse | INT | Day | calm
Victor: "Good morning, Inspector. The crates are all in order." / hands Mara a clipboard
Mara: "They always are, Victor." / signs the form
"""),
    "orchard": ("The Last Orchard", "en", {"Grug": [], "Eep": [], "Gran": ["Grandmother"]}, """
@ Cave | INT | Night | angry
Grug: "Nobody leaves this cave after dark!" / blocks the way with a boulder
Eep: "You never let us do anything new!" / shouts at Grug and stamps her foot [anger]
Grug: "New is always bad. Never not be afraid." / quarrels with Eep, waving his arms
~ thunder rolls over the valley
@ Orchard | EXT | Day | happy
Eep: "Taste this one, it is sweeter than the last." / hands Grug a red apple
Grug: "I was wrong, Eep. I am sorry." / hugs Eep [relief]
Gran: "Finally. I thought I would die of boredom." / naps against a tree
~ bees hum among the blossoms
@ Cave | INT | Day | calm
Eep: "Dad, tell us the story of the tiger again." / sits by the fire with Grug
Grug: "Once there was a tiger who was afraid of nothing." / paints on the wall
@ Cliff | EXT | Night | tense
Gran: "Grug, do not argue with me, jump!" / pushes Grug towards the edge
Grug: "It is too far!" / clings to a root in terror
~ wind howls across the cliff
"""),
    "orbit": ("Silent Orbit", "en", {"Commander Ade": ["Ade"], "Lin": [], "KEEL": ["the computer"]}, """
@ Space station | INT | | mysterious
KEEL: "Oxygen reserves at eleven percent." / its panel blinks red
Commander Ade: "Lin, seal the hatch behind you." / floats towards the control panel
Lin: "The hatch will not close, something is in the way." / pulls at the handle in panic [fear]
~ an alarm blares through the corridor
# OXYGEN 11%
@ Airlock | INT | | tense
Lin: "If I do not go out there, nobody goes home." / puts on her helmet
Commander Ade: "That is an order, Lin: stay inside." / grabs Lin by the arm
Lin: "Then you will have to write it in your report." / steps into the dark
~ hissing of escaping air
@ Mission control | INT | Evening | hopeful
Commander Ade: "Houston, we are coming home." / his voice crackles over the radio
~ the room bursts into applause
# RE-ENTRY IN 00:42
@ Garden | EXT | Morning | warm
Lin: "I had forgotten that the sky could be blue." / walks barefoot on the grass
Commander Ade: "I signed the report. I left that part out." / gives Lin a letter
"""),
    "tea": ("夜茶", "zh", {"小梅": ["梅姐"], "阿强": []}, """
@ 茶馆 | INT | 夜晚 | 紧张
小梅: "你昨天晚上到底去了哪里？" / 放下茶杯，盯着阿强
阿强: "我在码头等船，没有别的事。" / 低头不看小梅
小梅: "你又在骗我！" / 和阿强争吵 [愤怒]
~ 外面传来雷声
@ 公园 | EXT | 早上 | 温馨
阿强: "对不起，我应该早点告诉你。" / 递给小梅一把雨伞
小梅: "下次记得带我一起去。" / 微笑
# 禁止钓鱼
~ 鸟叫声
@ 火车站 | EXT | 黄昏 | 悲伤
小梅: "你一定要写信给我。" / 挥手告别
阿强: "每个星期都写。" / 登上火车
~ 汽笛声响起
"""),
    "kitchen": ("Table for Nine", "en", {"Chef Rosa": ["Rosa"], "Tom": ["Tommy"], "Mr Bell": ["the critic"]}, """
@ Restaurant kitchen | INT | Evening | exciting
Chef Rosa: "Two lamb, one trout, and where is my basil?" / stirs three pots at once
Tom: "There is no basil, Chef, the delivery never came." / holds up an empty box
Chef Rosa: "Then we cook without basil. Move!" / throws Tom an apron
~ plates clatter and pans sizzle
Tom: "I dropped the vase your mother gave you. I am so sorry." / sweeps up pieces of porcelain [shame]
Chef Rosa: "It was ugly anyway." / ruffles Tom's hair and laughs
@ Dining room | INT | Night | calm
Mr Bell: "I have eaten in nine countries and never tasted this." / puts down his fork
Chef Rosa: "Is that good or bad?" / wrings her hands
Mr Bell: "Madam, it is an argument against ever eating elsewhere." / raises his glass
# RESERVED FOR MR BELL
~ a pianist plays a slow waltz
@ Alley | EXT | Night | lonely
Tom: "Good night, Chef. Same time tomorrow?" / locks the back door
Chef Rosa: "Good night, Tommy." / lights a cigarette in the rain
~ rain drums on the bins
@ Market | EXT | Morning | happy
Tom: "Basil! Forty bunches of basil!" / dances between the stalls with Rosa
"""),
    "snow": ("Winter Line", "en", {"Captain Hahn": ["Hahn"], "Private Noor": ["Noor"], "The Stranger": []}, """
@ Mountain pass | EXT | Night | frightening
Captain Hahn: "Nobody fires until I say so." / crouches behind a rock
Private Noor: "Captain, something is moving in the trees." / points into the snowfall [fear]
~ a wolf howls, very close
~ two gunshots ring out
The Stranger: "Do not shoot! I have come alone." / raises both hands
@ Hut | INT | Night | warm
The Stranger: "I brought bread. It is all that I have." / breaks a loaf and shares it
Private Noor: "My sister bakes bread like this." / weeps quietly
Captain Hahn: "Where did you learn our language?" / cleans a rifle
The Stranger: "In a prison camp, from a very patient man." / warms his hands
~ a fire crackles
@ Railway bridge | EXT | Day | tense
Captain Hahn: "Three minutes, then the bridge goes." / connects two wires
Private Noor: "There is a train coming, sir, with people on it!" / runs along the track waving a red scarf
~ a train whistle blows
# BRIDGE CLOSED
Captain Hahn: "Cut the wire. Cut it!" / yells at Noor [panic]
"""),
}  # fmt: skip
"""Asset id → title, language, characters with aliases, script in shorthand."""

FILLER_LINES = (
    "I will be back in a minute.", "Did you hear that?", "We should talk about it tomorrow.", "That is not what I meant.",
    "Look at the sea.",
    "It gets cold after sunset.", "Where are my keys?", "You are late again.", "I like this place.", "Somebody must have moved it.",
    "The bread is fresh today.", "There was a storm last week.", "She never writes.", "Keep your voice down.", "What a view.",
)  # fmt: skip
FILLER_ACTIONS = (
    "walks across the room", "looks out of the window", "sits down", "opens a drawer", "waits by the door", "drinks a glass of water",
    "folds a newspaper", "nods", "puts on a coat", "turns around slowly", "carries a box up the stairs", "closes a book",
)  # fmt: skip
FILLER_PLACES = ("Corridor", "Street", "Living room", "Office", "Staircase", "Bus stop")
FILLER_SOUNDS = ("footsteps on gravel", "a door creaks", "distant traffic", "a clock ticks", "wind in the leaves")
NUM_FILLER_SCENES = 5
EVENTS_PER_FILLER_SCENE = 7
EVENT_S = 2.0


@dataclass(frozen=True)
class Query:
    """A labelled query. ``relevant``: "asset:event" or "asset:scene" → grade (2 the answer, 1 near it). ``kind`` groups figures."""

    text: str
    relevant: dict[str, int]
    kind: str


def script_of(asset_id: str) -> Script:
    """The film's script."""
    title, language, people, shorthand = FILMS[asset_id]
    characters = [Character(id=f"char_{i}", name=name, named=True, aliases=aliases) for i, (name, aliases) in enumerate(people.items())]
    ids = {profile.name: profile.id for profile in characters}
    scenes: list[Scene] = []
    clock_s, num_events = 0.0, 0
    for line in filter(None, map(str.strip, shorthand.splitlines())):
        if line.startswith("@"):
            scenes.append(_scene(line, len(scenes) + 1, clock_s))
            continue
        num_events += 1
        scenes[-1].events.append(_event(line, f"e{num_events}", clock_s, ids, language))
        clock_s += EVENT_S
        scenes[-1].end_s = clock_s
    scenes += _filler(asset_id, list(ids.values()), clock_s)
    plot = [PlotSegment(id="p1", start_s=0.0, end_s=clock_s, summary=f"The story of {title}.")]
    script = Script(characters=characters, scenes=scenes, plot=plot)
    script.meta.title, script.meta.languages = title, [language]
    return script


def _scene(line: str, number: int, start_s: float) -> Scene:
    location, kind, time, mood = (part.strip() for part in line[1:].split("|"))
    scene_type = SceneType.INTERIOR if kind == "INT" else SceneType.EXTERIOR
    return Scene(id=f"s{number}", start_s=start_s, end_s=start_s, location=location, type=scene_type, time=time, mood=mood)


def _event(line: str, identifier: str, start_s: float, ids: dict[str, str], language: str) -> Event:
    event = {"id": identifier, "start_s": start_s, "end_s": start_s + EVENT_S}
    if line.startswith("~"):
        return Event(**event, audio_cue=line[1:].strip())
    if line.startswith("#"):
        return Event(**event, on_screen_text=line[1:].strip(), action="a text is shown")
    match = re.fullmatch(r'(?P<who>[^:]+): "(?P<line>.+)" / (?P<does>[^\[]+?)(?: \[(?P<looks>.+)\])?', line)
    assert match, line
    return Event(
        **event,
        character_id=ids[match["who"]],
        dialogue=match["line"],
        action=match["does"],
        expression=match["looks"] or "",
        language=language,
    )


def _filler(asset_id: str, people: list[str], start_s: float) -> list[Scene]:
    """Scenes of everyday events, the same for every run."""
    dice = random.Random(asset_id)
    scenes, number = [], 0
    for place in range(NUM_FILLER_SCENES):
        scene = Scene(
            id=f"fs{place + 1}", start_s=start_s, end_s=start_s, location=dice.choice(FILLER_PLACES), type=dice.choice(list(SceneType))
        )
        scene.time, scene.mood = dice.choice(("Day", "Night", "Evening", "")), dice.choice(("calm", "serious", ""))
        for _ in range(EVENTS_PER_FILLER_SCENE):
            number += 1
            event = Event(
                id=f"f{number}",
                start_s=start_s,
                end_s=start_s + EVENT_S,
                character_id=dice.choice(people),
                action=dice.choice(FILLER_ACTIONS),
            )
            if dice.random() < 0.6:
                event.dialogue = dice.choice(FILLER_LINES)
            elif dice.random() < 0.4:
                event.audio_cue = dice.choice(FILLER_SOUNDS)
            scene.events.append(event)
            start_s += EVENT_S
        scene.end_s = start_s
        scenes.append(scene)
    return scenes


QUOTED = [
    Query(f'"{line}"', {f"{asset}:{event}": 2}, "quoted")
    for asset, event, line in [
        ("harbour", "e4", "six men drowned for it"), ("harbour", "e9", "a man who owns the sea"), ("orchard", "e3", "never not be afraid"),
        ("orchard", "e6", "I was wrong, Eep"), ("orbit", "e1", "oxygen reserves at eleven percent"),
        ("orbit", "e10", "Houston, we are coming home"),
        ("tea", "e1", "到底去了哪里"), ("tea", "e5", "应该早点告诉你"),
        ("kitchen", "e3", "cook without basil"), ("kitchen", "e12", "good night, Chef"),
        ("snow", "e1", "nobody fires until I say so"), ("snow", "e9", "from a very patient man"),
    ]
]  # fmt: skip

PLAIN_LINES = [
    Query("the bridge goes three minutes", {"snow:e11": 2}, "line"),
    Query("Good night, Tommy", {"kitchen:e13": 2, "kitchen:e12": 1}, "line"),
    Query("I brought bread it is all that I have", {"snow:e6": 2}, "line"),
    Query("forty bunches of basil", {"kitchen:e15": 2}, "line"),
    Query("apology accepted", {"harbour:e13": 2, "harbour:e12": 1}, "line"),
    Query("你又在骗我", {"tea:e3": 2}, "line"),
    Query("no moring beyond this point", {"harbour:e10": 2}, "line"),
]

MIXED = [
    Query("scenes where Grug argues with Eep at night", {"orchard:s1": 2}, "mixed"),
    Query("Grug hugs Eep", {"orchard:e6": 2}, "mixed"),
    Query("Mara and Victor fight in the warehouse at night", {"harbour:s1": 2}, "mixed"),
    Query("Victor in the warehouse by day", {"harbour:s4": 2, "harbour:s1": 1}, "mixed"),
    Query("Inspector Voss says sorry to Pete", {"harbour:e12": 2, "harbour:e13": 1}, "mixed"),
    Query("sound of glass breaking", {"harbour:e6": 2}, "mixed"),
    Query("gunshots at night", {"snow:e4": 2}, "mixed"),
    Query("text: bridge closed", {"snow:e14": 2}, "mixed"),
    Query("a sign that says reserved", {"kitchen:e10": 2}, "mixed"),
    Query("Tom dances", {"kitchen:e15": 2}, "mixed"),
    Query("Tommy apologises to Rosa", {"kitchen:e5": 2}, "mixed"),
    Query("Comander Ade at mission control", {"orbit:s3": 2}, "mixed"),
    Query("Noor weeps then the Stranger warms his hands", {"snow:e7": 2}, "mixed"),
    Query("who:Lin place:airlock", {"orbit:s2": 2}, "mixed"),
    Query('in:"Winter Line" mood:warm', {"snow:s2": 2}, "mixed"),
    Query("小梅和阿强晚上争吵", {"tea:e3": 2, "tea:s1": 2}, "mixed"),
    Query("阿强 火车站", {"tea:s3": 2}, "mixed"),
    Query("雷声", {"tea:e4": 2}, "mixed"),
    Query("Gran sleeps", {"orchard:e7": 2}, "meaning"),
]

MEANING = [
    Query("a family quarrels about going outside in the dark", {"orchard:s1": 2}, "meaning"),
    Query("somebody breaks an heirloom and feels guilty", {"kitchen:e5": 2}, "meaning"),
    Query("an astronaut disobeys her superior", {"orbit:e8": 2, "orbit:e7": 2, "orbit:e6": 2}, "meaning"),
    Query("running out of air to breathe", {"orbit:e1": 2, "orbit:e5": 2, "orbit:e9": 1}, "meaning"),
    Query("a restaurant reviewer praises the meal", {"kitchen:e9": 2, "kitchen:e7": 2}, "meaning"),
    Query("sharing food with an enemy", {"snow:e6": 2}, "meaning"),
    Query("warning a locomotive before an explosion", {"snow:e12": 2}, "meaning"),
    Query("asking a witness about a missing vessel", {"harbour:e8": 2}, "meaning"),
    Query("father and daughter make peace", {"orchard:e6": 2}, "meaning"),
    Query("wild animal nearby in the woods", {"snow:e3": 2, "snow:e2": 1}, "meaning"),
    Query("enjoying nature back on earth", {"orbit:e13": 2}, "meaning"),
    Query("missing herbs in the kitchen", {"kitchen:e2": 2, "kitchen:e1": 1, "kitchen:e3": 1}, "meaning"),
]

NOTHING = ["submarine torpedo launch", "quantum physics lecture", "elephant parade in Rome", "zzzxqv", "wedding cake recipe", "斑马 跳伞"]
"""Queries that the archive has no answer to."""

ANSWERABLE = [*QUOTED, *PLAIN_LINES, *MIXED, *MEANING]
