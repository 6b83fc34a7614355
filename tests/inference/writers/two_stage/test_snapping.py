"""A model's borders moved to where a film can be cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evidence.outlining import loud_spans
from inference.writers.two_stage.snapping import snap, split

SHOTS = [(0.0, 9.6), (9.6, 31.2), (31.2, 60.0)]


def test_a_border_goes_to_the_silent_shot_border_nearby():
    assert snap([11.0, 30.0], (0.0, 60.0), SHOTS, [], 5.0, 60.0) == [(0.0, 9.6), (9.6, 31.2), (31.2, 60.0)]


def test_never_inside_speech_where_there_is_a_pause():
    # The shot border is inside a line: the pause before it is taken.
    (_, cut_s), _ = snap([10.0], (0.0, 60.0), SHOTS, [(8.0, 15.0)], 5.0, 60.0)
    assert cut_s == pytest.approx(7.88)
    # No pause within reach: better a shot border than the middle of a shot.
    (_, cut_s), _ = snap([10.0], (0.0, 60.0), SHOTS, [(0.0, 60.0)], 5.0, 60.0)
    assert cut_s == 9.6


def test_short_steps_are_joined_and_long_ones_cut():
    assert snap([3.0, 31.0, 33.0, 58.0], (0.0, 60.0), SHOTS, [], 20.0, 60.0) == [(0.0, 31.2), (31.2, 60.0)]
    parts = snap([], (100.0, 400.0), [(100.0, 400.0)], [], 20.0, 120.0)
    assert len(parts) >= 3 and max(b - a for a, b in parts) <= 120.0


times = st.floats(0.0, 300.0, allow_nan=False)
spans = st.lists(st.tuples(times, st.floats(0.1, 40.0)), max_size=8).map(lambda rows: [(a, a + length) for a, length in rows])


@given(st.lists(times, max_size=12), st.lists(times, max_size=10), spans, st.floats(10.0, 120.0))
def test_stretches_are_gapless_and_bounded(borders, cuts, speech, longest_s):
    edges = sorted({0.0, 300.0, *(round(cut, 2) for cut in cuts)})
    shots = list(itertools.pairwise(edges))
    parts = snap(borders, (0.0, 300.0), shots, speech, min(20.0, longest_s / 4), longest_s)
    assert parts[0][0] == 0.0 and parts[-1][1] == 300.0
    assert all(left[1] == right[0] for left, right in itertools.pairwise(parts))
    assert all(0.0 < b - a <= longest_s + 0.001 for a, b in parts)


def test_a_stretch_that_is_short_enough_stays_whole():
    assert split((3.0, 60.0), SHOTS, [], 60.0) == [(3.0, 60.0)]


def test_loudness_stands_in_for_voices():
    class Tones:
        duration_s = 90.0

        def audio(self, start_s: float, end_s: float) -> np.ndarray:
            times = np.arange(round(start_s * 16_000), round(end_s * 16_000)) / 16_000
            return (np.sin(times * 2000) * np.where((times % 30) < 10, 0.3, 0.001)).astype(np.float32)

    assert loud_spans(Tones()) == [(0.0, 10.0), (30.0, 40.0), (60.0, 70.0)]
