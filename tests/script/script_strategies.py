"""Hypothesis: legal Scripts of any shape, with any text that JSON can carry."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from omniscript_mam.script import (
    ENVIRONMENT_ID,
    Character,
    Emotion,
    Event,
    HighPoint,
    Interaction,
    InteractionKind,
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

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20).map(str.strip)
words = st.one_of(texts, st.sampled_from(["夜晚", "Café — “naïve”", "🎬 שלום", "line\nbreak\ttab", "\\\"'</script>", "e\u0301"]))
provenances = st.dictionaries(
    st.sampled_from(["dialogue", "mood", "time", "name"]),
    st.builds(
        Provenance, writer=st.sampled_from(["lite", "person"]), confidence=st.none() | st.floats(0, 1), evidence=words, against=words
    ),
    max_size=2,
)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    cuts_s = sorted(
        draw(st.lists(st.floats(0, 5000, allow_subnormal=False).map(lambda s: round(s, 3)), min_size=2, max_size=6, unique=True))
    )
    ids = [f"char_{i}" for i in range(draw(st.integers(0, 3)))]
    people = [
        Character(
            id=identifier, name=f"N{draw(words)}", named=draw(st.booleans()), aliases=draw(st.lists(words, max_size=2)), voice=draw(words)
        )
        for identifier in ids
    ]
    ranges = list(pairwise(cuts_s))
    return Script(
        meta=Meta(title=draw(words), description=draw(words), duration_s=cuts_s[-1], frame_rate="24000/1001", languages=["en", "zh"]),
        plot=[PlotSegment(id="plot_0", start_s=cuts_s[0], end_s=cuts_s[-1], summary=draw(words), active_characters=ids)],
        characters=people,
        relationships=[Relationship(source_id=ids[0], target_id=ids[-1], relation=draw(words))] if ids else [],
        scenes=[draw(_scenes(f"scene_{i}", span, ids)) for i, span in enumerate(ranges)],
        high_points=[
            HighPoint(start_s=a, end_s=b, type=draw(words), reasoning=Reasoning(psychology=draw(words)), score=draw(st.floats(0, 10)))
            for a, b in ranges[:1]
        ],
    )


@st.composite
def _scenes(draw: st.DrawFn, name: str, span: tuple[float, float], ids: list[str]) -> Scene:
    events = []
    for i in range(draw(st.integers(0, 3))):
        times_s = sorted(draw(st.tuples(st.floats(*span), st.floats(*span))))
        events.append(
            Event(
                id=f"{name}.{i}",
                start_s=times_s[0],
                end_s=times_s[1],
                character_id=draw(st.sampled_from([ENVIRONMENT_ID, *ids])),
                action="does " + draw(words),
                dialogue=draw(words),
                subtext=draw(words),
                emotion=draw(st.none() | st.sampled_from(Emotion)),
                voice_type=draw(st.none() | st.sampled_from(VoiceType)),
                provenance=draw(provenances),
            )
        )
    events.sort(key=lambda event: event.start_s)
    kind = draw(st.none() | st.sampled_from(SceneType))
    between = [
        Interaction(
            id=f"{name}.{what}", start_s=span[0], end_s=span[1], source_id=ids[0], target_id=ids[-1], kind=what,
            provenance=draw(provenances),
        )
        for what in (draw(st.lists(st.sampled_from(InteractionKind), max_size=2, unique=True)) if len(ids) > 1 else [])
    ]  # fmt: skip
    return Scene(
        id=name, start_s=span[0], end_s=span[1], location=draw(words), type=kind, time="Night", mood=draw(words), events=events,
        interactions=between,
    )  # fmt: skip
