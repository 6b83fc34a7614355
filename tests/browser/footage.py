"""Film and script for the browser tests: a small rendered clip whose sound and picture change where its hand-written script says."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path

from omniscript_mam.script import (
    ENVIRONMENT_ID,
    Character,
    Event,
    HighPoint,
    Meta,
    PlotSegment,
    Provenance,
    Reasoning,
    Relationship,
    Scene,
    SceneType,
    Script,
    VoiceType,
)

CLIP_S = 24.0
LINE = "The harbour light goes out at midnight"
LINE_START_S = 13.4
"""The line that the main test looks for, and when it starts, in seconds."""


@lru_cache(maxsize=1)
def ffmpeg() -> str:
    """The program that renders the clip."""
    from inference.media import ffmpeg_program

    return ffmpeg_program()


def render_clip(path: Path, duration_s: float = CLIP_S, *, rate: str = "25", start_timecode: str = "01:00:00:00", seed: int = 0) -> Path:
    """A colour field with a running clock and a tone: three looks, 640 × 360, H.264 and AAC."""
    hues = ("0x27435a", "0x5a3127", "0x2c4f33")
    third = duration_s / 3
    boxes = "".join(
        f",drawbox=x='mod(40*t*{n + 2}+{90 * n + 37 * seed},560)':y={60 + 80 * n}:w=80:h=60:color={colour}@0.8:t=fill"
        for n, colour in enumerate(("0xf1b75b", "0x86bfff", "0x74d19c"))
    )
    picture = ";".join(f"color=c={hues[(n + seed) % 3]}:s=640x360:r={rate}:d={third}{boxes}[v{n}]" for n in range(3))
    graph = (
        f"{picture};[v0][v1][v2]concat=n=3:v=1[v];"
        f"sine=frequency={220 + 30 * seed}:duration={duration_s}[a0];[a0]volume='0.15+0.8*pow(sin(1.3*t),2)':eval=frame[a]"
    )
    command = [
        ffmpeg(), "-nostdin", "-v", "error", "-y", "-filter_complex", graph, "-map", "[v]", "-map", "[a]", "-timecode", start_timecode,
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", str(duration_s), str(path),
    ]  # fmt: skip
    subprocess.run(command, check=True, timeout=120)
    return path


def lite(confidence: float, evidence: str = "") -> Provenance:
    """Provenance as the lite writer states it."""
    return Provenance(writer="lite", version="0.1", confidence=confidence, evidence=evidence)


def harbour_script(duration_s: float = CLIP_S) -> Script:
    """The clip's script: two named characters and a stranger, three scenes, every field used at least once."""
    third = duration_s / 3
    people = [
        Character(
            id="char_mara",
            name="Mara",
            named=True,
            aliases=["Woman 1", "the keeper"],
            appearance="grey coat, short hair",
            voice="low, calm",
            personality="patient",
            naming_evidence="Jonas says “Mara, look at the water.” at 9.0 s",
            provenance={"voice": lite(0.7)},
        ),
        Character(
            id="char_jonas",
            name="Jonas",
            named=True,
            aliases=["Man 1"],
            voice="quick, bright",
            naming_evidence="He says “I'm Jonas.” at 1.2 s",
        ),
        Character(id="unknown_1", name="Man 2", appearance="seen from behind"),
    ]
    scenes = [
        Scene(
            id="s1",
            start_s=0,
            end_s=third,
            location="Harbour office",
            type=SceneType.INTERIOR,
            environment="a desk under a lamp",
            time="Night",
            mood="tense",
            provenance={"mood": lite(0.72, "minor music and dim light"), "time": lite(0.41, "dark windows"), "location": lite(0.83)},
            events=[
                Event(id="e1", start_s=0.4, end_s=1.1, audio_cue="rain on a window, far thunder"),
                Event(
                    id="e2",
                    start_s=1.2,
                    end_s=3.0,
                    character_id="char_jonas",
                    dialogue="I'm Jonas. You wrote to me.",
                    expression="nervous",
                    action="Jonas shuts the door and stays beside it.",
                    provenance={"dialogue": lite(0.94, "heard clearly"), "expression": lite(0.38)},
                ),
                Event(
                    id="e3",
                    start_s=3.4,
                    end_s=5.6,
                    character_id="char_mara",
                    dialogue="I write to everybody. Few of them come.",
                    subtext="She has waited a long time.",
                ),
                Event(
                    id="e4",
                    start_s=6.0,
                    end_s=7.4,
                    character_id="unknown_1",
                    dialogue="Is this the place?",
                    voice_type=VoiceType.OFF_SCREEN,
                ),
            ],
        ),
        Scene(
            id="s2",
            start_s=third,
            end_s=2 * third,
            location="Pier",
            type=SceneType.EXTERIOR,
            environment="wet planks, fog",
            time="Night",
            mood="uneasy",
            provenance={"mood": lite(0.55)},
            events=[
                Event(
                    id="e5",
                    start_s=9.0,
                    end_s=10.8,
                    character_id="char_jonas",
                    dialogue="Mara, look at the water.",
                    action="He points past the boats.",
                ),
                Event(id="e6", start_s=11.2, end_s=12.6, audio_cue="a bell buoy", on_screen_text="PIER 7 – NO ENTRY"),
                Event(
                    id="e7",
                    start_s=LINE_START_S,
                    end_s=15.4,
                    character_id="char_mara",
                    dialogue=LINE + ".",
                    expression="resolute",
                    language="en",
                    provenance={"dialogue": lite(0.91)},
                ),
            ],
        ),
        Scene(
            id="s3",
            start_s=2 * third,
            end_s=duration_s,
            location="Harbour office",
            type=SceneType.INTERIOR,
            time="Morning",
            mood="relieved",
            events=[
                Event(id="e8", start_s=16.6, end_s=18.2, character_id="char_jonas", dialogue="It came back on. Look!", expression="happy"),
                Event(
                    id="e9",
                    start_s=18.8,
                    end_s=20.8,
                    character_id="char_mara",
                    dialogue="Then somebody is still out there.",
                    voice_type=VoiceType.VOICE_OVER,
                ),
                Event(
                    id="e10",
                    start_s=21.2,
                    end_s=23.4,
                    character_id=ENVIRONMENT_ID,
                    action="Morning light fills the room.",
                    audio_cue="gulls",
                ),
            ],
        ),
    ]
    return Script(
        meta=Meta(
            title="Harbour",
            description="A keeper, a visitor, a light.",
            duration_s=duration_s,
            frame_rate="25",
            start_timecode="01:00:00:00",
            languages=["en"],
        ),
        plot=[
            PlotSegment(
                id="p1",
                start_s=0,
                end_s=2 * third,
                summary="Jonas comes to the office and follows Mara to the pier.",
                active_characters=["char_mara", "char_jonas", "unknown_1"],
            ),
            PlotSegment(
                id="p2",
                start_s=2 * third,
                end_s=duration_s,
                summary="In the morning the light is back.",
                active_characters=["char_mara", "char_jonas"],
            ),
        ],
        characters=people,
        relationships=[
            Relationship(source_id="char_jonas", target_id="char_mara", relation="answers the letter of"),
            Relationship(source_id="unknown_1", target_id="char_mara", relation="looks for"),
        ],
        scenes=scenes,
        high_points=[
            HighPoint(
                start_s=13.0,
                end_s=16.0,
                type="Emotional reversal",
                score=7.5,
                description="Mara says when the light goes out.",
                reasoning=Reasoning(visual="fog closes over the pier", audio="the bell stops", text="a deadline is named"),
            )
        ],
    )


def long_script(num_events: int) -> Script:
    """A script of many rows, for the speed test."""
    people = [Character(id=f"char_{n}", name=f"Person {n}", named=True) for n in range(8)]
    per_scene, scenes = 12, []
    for first in range(0, num_events, per_scene):
        rows = [
            Event(
                id=f"e{n}",
                start_s=3.0 * n,
                end_s=3.0 * n + 2.5,
                character_id=f"char_{n % 8}",
                dialogue=f"Line number {n} of a long film.",
                action="Looks away." if n % 3 == 0 else "",
                expression="calm" if n % 4 == 0 else "",
                provenance={"dialogue": lite(0.8), "expression": lite(0.4)},
            )
            for n in range(first, min(first + per_scene, num_events))
        ]
        scenes.append(
            Scene(
                id=f"s{first}",
                start_s=rows[0].start_s,
                end_s=rows[-1].start_s + 3.0,
                location=f"Room {first % 7}",
                time="Day",
                mood="calm",
                events=rows,
            )
        )
    duration_s = 3.0 * num_events
    return Script(meta=Meta(title="Long", duration_s=duration_s, frame_rate="24000/1001"), characters=people, scenes=scenes)
