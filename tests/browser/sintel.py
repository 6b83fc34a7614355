"""A script of the "Sintel" trailer (© Blender Foundation, CC BY 3.0), written by hand for the screenshots."""

from __future__ import annotations

from omniscript_mam.script import Character, Event, HighPoint, Meta, PlotSegment, Reasoning, Relationship, Scene, Script

from .footage import lite


def sintel_script() -> Script:
    """Four scenes of 52 seconds."""
    scenes = [
        Scene(
            id="s1",
            start_s=0,
            end_s=11.5,
            location="Snow mountains",
            type="Exterior",
            environment="wide snowfields, wind",
            time="Day",
            mood="lonely",
            provenance={"mood": lite(0.62, "slow strings"), "location": lite(0.71), "time": lite(0.83)},
            events=[
                Event(id="e1", start_s=0.5, end_s=6, audio_cue="wind, low strings"),
                Event(
                    id="e2",
                    start_s=6.2,
                    end_s=10.5,
                    character_id="char_sintel",
                    action="A young woman climbs through the snow, leaning on a spear.",
                    expression="worn out",
                    provenance={"action": lite(0.44), "expression": lite(0.36)},
                ),
            ],
        ),
        Scene(
            id="s2",
            start_s=11.5,
            end_s=22,
            location="Hut",
            type="Interior",
            environment="fire light, hides on the walls",
            time="Night",
            mood="wary",
            provenance={"mood": lite(0.55, "quiet voices"), "time": lite(0.47)},
            events=[
                Event(
                    id="e3",
                    start_s=11.9,
                    end_s=14.3,
                    character_id="char_shaman",
                    dialogue="What brings you to the land of the gatekeepers?",
                    expression="searching",
                    provenance={"dialogue": lite(0.96), "character_id": lite(0.78, "one voice, cluster 2")},
                ),
                Event(
                    id="e4", start_s=15.2, end_s=17.6, character_id="char_sintel", action="Looks into the fire.", audio_cue="fire crackles"
                ),
                Event(
                    id="e5",
                    start_s=18.3,
                    end_s=19.9,
                    character_id="char_sintel",
                    dialogue="I am searching for someone.",
                    subtext="She does not say that it is a dragon.",
                    provenance={"dialogue": lite(0.97)},
                ),
            ],
        ),
        Scene(
            id="s3",
            start_s=22,
            end_s=36,
            location="Desert",
            type="Exterior",
            time="Day",
            mood="threatening",
            provenance={"mood": lite(0.68, "drums")},
            events=[
                Event(id="e6", start_s=22.4, end_s=27, audio_cue="drums, a blade on stone"),
                Event(
                    id="e7",
                    start_s=28,
                    end_s=33,
                    character_id="char_sintel",
                    action="Runs along a wall and strikes.",
                    expression="determined",
                ),
            ],
        ),
        Scene(
            id="s4",
            start_s=36,
            end_s=52.2,
            location="Hut",
            type="Interior",
            environment="fire light",
            time="Night",
            mood="grave",
            provenance={"mood": lite(0.51)},
            events=[
                Event(
                    id="e8",
                    start_s=36.9,
                    end_s=39.2,
                    character_id="char_shaman",
                    dialogue="A dangerous quest for a lone hunter.",
                    voice_type="VO",
                ),
                Event(
                    id="e9",
                    start_s=41.3,
                    end_s=44,
                    character_id="char_sintel",
                    dialogue="I have been alone for as long as I can remember.",
                    voice_type="VO",
                    expression="sad",
                ),
                Event(id="e10", start_s=46, end_s=50.5, on_screen_text="SINTEL", audio_cue="choir, then silence"),
            ],
        ),
    ]
    return Script(
        meta=Meta(title="Sintel", duration_s=52.2, frame_rate="24"),
        scenes=scenes,
        characters=[
            Character(
                id="char_sintel",
                name="Sintel",
                named=True,
                aliases=["Woman 1"],
                appearance="short red hair, leather armour",
                voice="low, young",
                naming_evidence="Title card “SINTEL” at 46.0 s",
            ),
            Character(
                id="char_shaman",
                name="Shaman",
                named=True,
                aliases=["Man 1"],
                appearance="old, grey beard",
                voice="deep, slow",
                naming_evidence="Subtitle “SHAMAN:” at 11.9 s",
            ),
            Character(id="unknown_2", name="Man 2", appearance="hooded"),
        ],
        relationships=[Relationship(source_id="char_shaman", target_id="char_sintel", relation="shelters")],
        plot=[
            PlotSegment(
                id="p1",
                start_s=0,
                end_s=22,
                summary="A young woman crosses the mountains and is taken in by an old shaman.",
                active_characters=["char_sintel", "char_shaman"],
            ),
            PlotSegment(
                id="p2",
                start_s=22,
                end_s=52.2,
                summary="She tells of her search; fights and journeys flash by.",
                active_characters=["char_sintel", "char_shaman", "unknown_2"],
            ),
        ],
        high_points=[
            HighPoint(
                start_s=27,
                end_s=34,
                type="Action",
                score=8,
                description="The fight on the wall.",
                reasoning=Reasoning(visual="fast cuts, 9 shots in 7 s", audio="drums at their loudest"),
            ),
            HighPoint(
                start_s=41,
                end_s=45,
                type="Confession",
                score=6.5,
                description="She says that she is alone.",
                reasoning=Reasoning(text="first word about herself"),
            ),
        ],
    )
