"""The demo film: one minute, two people. Maria and Tom argue at night in her living room, and make up by day in the park."""

from __future__ import annotations

from omniscript_mam.script import Character, Event, Meta, Relationship, Scene, SceneType, Script

MARIA, TOM = "char_001", "char_002"


def two_hander() -> Script:
    """The script; times are what the writer hopes for, and lines take as long as they are spoken."""
    return Script(
        meta=Meta(
            title="The Two-Hander", duration_s=58.0, description="Maria and Tom argue at night and make up by day.", languages=["en"]
        ),
        characters=[
            Character(id=MARIA, name="Maria", named=True, appearance="a woman with red hair in a green sweater"),
            Character(id=TOM, name="Tom", named=True, appearance="a man with black hair in a blue shirt"),
        ],
        relationships=[Relationship(source_id=MARIA, target_id=TOM, relation="friend of")],
        scenes=[
            Scene(
                id="s1",
                start_s=0.0,
                end_s=27.0,
                location="Maria's living room",
                type=SceneType.INTERIOR,
                environment="A dim living room, rain on the window",
                time="Night",
                mood="tense",
                events=_argue(),
            ),
            Scene(
                id="s2",
                start_s=27.0,
                end_s=58.0,
                location="Park",
                type=SceneType.EXTERIOR,
                environment="A green park in the sun",
                time="Day",
                mood="happy",
                events=_make_up(),
            ),
        ],
    )


def _argue() -> list[Event]:
    """By night, in her living room."""
    return [
        _event(1, 0.0, 26.5, "environment", audio_cue="rain against the window"),
        _event(2, 0.2, 26.0, "environment", audio_cue="tense music"),
        _event(3, 0.8, 3.0, TOM, action="Tom walks in from the right"),
        _event(4, 3.2, 6.0, MARIA, dialogue="It's midnight, Tom. Where have you been?", expression="angry"),
        _event(5, 6.4, 9.0, TOM, dialogue="I was at work. I told you yesterday.", expression="annoyed"),
        _event(6, 9.4, 12.0, MARIA, dialogue="That is not true. I called your office.", expression="angry"),
        _event(7, 12.2, 14.0, TOM, action="shrugs", expression="surprised"),
        _event(8, 14.2, 17.0, TOM, dialogue="Maria, please listen to me.", expression="sad"),
        _event(9, 17.2, 20.0, MARIA, dialogue="No. You lied to me again!", expression="angry", action=""),
        _event(10, 20.2, 22.0, MARIA, action="points at the door"),
        _event(11, 22.2, 24.0, MARIA, dialogue="Get out of my house. Right now!", expression="angry"),
        _event(12, 24.4, 26.6, TOM, action="walks away to the right", expression="sad"),
    ]


def _make_up() -> list[Event]:
    """By day, in the park."""
    return [
        _event(21, 27.2, 57.5, "environment", audio_cue="birds sing"),
        _event(22, 27.4, 57.0, "environment", audio_cue="happy music"),
        _event(23, 28.0, 30.2, TOM, action="Tom walks in and waves"),
        _event(24, 30.4, 33.0, TOM, dialogue="Hello, Maria. It's me, Tom.", expression="neutral"),
        _event(25, 33.4, 36.0, MARIA, dialogue="I did not expect you here.", expression="surprised"),
        _event(26, 36.4, 40.0, TOM, dialogue="I bought you a present. That is why I was late.", expression="sad"),
        _event(27, 40.4, 43.0, MARIA, dialogue="A present? For my birthday?", expression="surprised"),
        _event(28, 43.4, 46.0, TOM, dialogue="Yes. I wanted to surprise you.", expression="happy"),
        _event(29, 46.4, 49.0, MARIA, dialogue="I am so sorry, Tom. I was wrong.", expression="happy"),
        _event(30, 49.4, 52.0, TOM, dialogue="Can we be friends again?", expression="happy"),
        _event(31, 52.4, 54.0, MARIA, dialogue="Of course we can.", expression="happy"),
        _event(32, 54.4, 57.0, MARIA, action="hugs Tom", expression="happy"),
    ]


def _event(number: int, start_s: float, end_s: float, who: str, **texts: str) -> Event:
    return Event(
        id=f"e{number:03d}", start_s=start_s, end_s=end_s, character_id=who, language="en" if texts.get("dialogue") else "", **texts
    )
