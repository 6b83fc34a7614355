"""Segments: gapless, under five minutes, never cut inside speech unless the plan says so."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evidence.cutting import MARGIN_S, cut_segments
from inference.evidence.spans import join_spans
from inference.writers.base import MAX_SEGMENT_S


@st.composite
def films(draw):
    """(duration, shots, speech) of a film of up to half an hour."""
    duration_s = draw(st.floats(1.0, 1800.0))
    cuts = draw(st.lists(st.floats(0.01, 0.99), max_size=120))
    edges = [0.0, *sorted({round(cut * duration_s, 3) for cut in cuts} - {0.0}), duration_s]
    shots = [(a, b) for a, b in itertools.pairwise(edges) if b > a]
    starts = draw(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.2, 400.0)), max_size=60))
    speech = [(start * duration_s, min(duration_s, start * duration_s + length)) for start, length in starts]
    return duration_s, shots, speech


@settings(max_examples=150, deadline=None)
@given(films())
def test_segments_keep_every_rule(made):
    duration_s, shots, speech = made
    cuts = cut_segments(duration_s, shots, speech, quiet=lambda a, b: (a + b) / 2)
    edges = [0.0, *(cut.time_s for cut in cuts), duration_s]
    assert all(0.0 < b - a < MAX_SEGMENT_S for a, b in itertools.pairwise(edges))
    boundaries = {start for start, _ in shots}
    for cut in cuts:
        inside = any(a < cut.time_s < b for a, b in speech)
        assert inside <= (cut.how == "quiet"), "only a cut that says so may be inside speech"
        assert (cut.how != "shot") or cut.time_s in boundaries


@settings(max_examples=50, deadline=None)
@given(films())
def test_a_silent_shot_boundary_is_always_preferred(made):
    duration_s, shots, speech = made
    position_s = 0.0
    for cut in cut_segments(duration_s, shots, speech):
        if cut.how != "shot":
            silent = [
                start
                for start, _ in shots
                if position_s + 45.0 <= start <= min(position_s + 298.0, duration_s - 1.0)
                and not any(a - 3 * MARGIN_S <= start <= b + 3 * MARGIN_S for a, b in speech)
            ]
            assert not silent
        position_s = cut.time_s


def test_the_cut_goes_where_the_place_changes():
    shots = [(float(t), float(t + 10)) for t in range(0, 600, 10)]
    cuts = cut_segments(600.0, shots, [], change=lambda t: 0.9 if t == 200.0 else 0.1)
    assert cuts[0].time_s == 200.0 and cuts[0].how == "shot"


def test_speech_without_a_pause_is_cut_at_the_quietest_instant():
    cuts = cut_segments(400.0, [(0.0, 400.0)], [(0.0, 400.0)], quiet=lambda a, b: 222.2)
    assert [(cut.time_s, cut.how) for cut in cuts] == [(222.2, "quiet")]


def test_sound_alone_is_cut_in_its_longest_pause():
    speech = [(0.0, 150.0), (152.0, 200.0), (208.0, 420.0)]
    cuts = cut_segments(420.0, [(0.0, 420.0)], speech)
    assert [cut.how for cut in cuts] == ["pause"] and 200.0 < cuts[0].time_s < 208.0


def test_short_films_are_one_segment():
    assert cut_segments(200.0, [(0.0, 100.0), (100.0, 200.0)], []) == []


def test_join_spans_joins_what_touches():
    assert join_spans([(3.0, 4.0), (0.0, 1.0), (1.05, 2.0)], gap_s=0.1) == [(0.0, 2.0), (3.0, 4.0)]


def test_a_shorter_limit_makes_shorter_segments():
    shots = [(float(t), float(t + 10)) for t in range(0, 100, 10)]
    edges = [0.0, *(cut.time_s for cut in cut_segments(100.0, shots, [], longest_s=25.0)), 100.0]
    assert all(0.0 < b - a <= 25.0 for a, b in itertools.pairwise(edges))
    assert {edge % 10 for edge in edges} == {0.0}
