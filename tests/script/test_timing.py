"""Timing against the SMPTE rules: the oracle is a plain list of labels with the skipped ones taken out."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniscript_mam.script import Timecode, TimingError, format_timestamp, frame_at, frame_start, parse_frame_rate, parse_timestamp

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]
CLOCKS = [(rate, False) for rate in RATES] + [(RATES[3], True), (RATES[6], True)]


def every_label(nominal: int, skipped: int) -> np.ndarray:
    """All labels of a day as rows (hour, minute, second, frame), written down one after the other and then the skipped ones struck out."""
    hour, minute, second, frame = (
        axis.ravel() for axis in np.meshgrid(np.arange(24), np.arange(60), np.arange(60), np.arange(nominal), indexing="ij")
    )
    struck = (second == 0) & (frame < skipped) & (minute % 10 != 0)
    return np.stack([hour, minute, second, frame], axis=1)[~struck]


@pytest.mark.parametrize(("rate", "drop"), CLOCKS)
def test_a_whole_day_of_labels_is_the_counted_list(rate: Fraction, drop: bool) -> None:
    timecode = Timecode(rate, drop)
    day = every_label(timecode.nominal_rate, {30: 2, 60: 4}[timecode.nominal_rate] if drop else 0)
    assert timecode.frames_per_day == len(day)
    fields = np.stack(timecode.fields(np.arange(len(day), dtype=np.int64)), axis=1)  # type: ignore[arg-type]
    assert np.array_equal(fields, day)


@pytest.mark.parametrize(("rate", "drop"), CLOCKS)
def test_label_frame_label_over_a_day(rate: Fraction, drop: bool) -> None:
    """Every frame of every minute's first and last second of labels, and every 997th frame of the day, as text and back."""
    timecode = Timecode(rate, drop)
    nominal, day = timecode.nominal_rate, timecode.frames_per_day
    around = {
        minute * 60 * nominal - minute * 9 // 10 * timecode.num_dropped + k
        for minute in range(0, 1440, 7)
        for k in range(-nominal, nominal)
    }
    for frame in sorted({frame % day for frame in around} | set(range(0, day, 997))):
        assert timecode.frame(timecode.label(frame)) == frame


@pytest.mark.parametrize(("rate", "skipped"), [(RATES[3], 2), (RATES[6], 4)])
def test_skipped_labels_are_refused_and_the_others_are_not(rate: Fraction, skipped: int) -> None:
    timecode = Timecode(rate, True)
    for minute in range(60):
        for frame in range(skipped + 1):
            label = f"07:{minute:02d}:00;{frame:02d}"
            if minute % 10 and frame < skipped:
                with pytest.raises(TimingError, match="skips"):
                    timecode.frame(label)
            else:
                assert timecode.label(timecode.frame(label)) == label


def test_known_labels() -> None:
    """Values from SMPTE ST 12-1's arithmetic: an hour of drop-frame is 107,892 frames at 29.97."""
    assert Timecode(RATES[3], True).label(107892) == "01:00:00;00"
    assert Timecode(RATES[3], True).label(1799) == "00:00:59;29"
    assert Timecode(RATES[3], True).label(1800) == "00:01:00;02"
    assert Timecode(RATES[3], True).label(17982) == "00:10:00;00"
    assert Timecode(RATES[6], True).label(3600) == "00:01:00;04"
    assert Timecode(RATES[3]).label(107892) == "00:59:56:12"
    assert Timecode(RATES[0]).label(24 * 60) == "00:01:00:00"


@pytest.mark.parametrize(
    ("rate", "drop", "label", "why"),
    [
        (RATES[1], False, "00:00:00:24", "end at 23"),
        (RATES[0], False, "00:00:00:24", "end at 23"),
        (RATES[1], False, "24:00:00:00", "hours"),
        (RATES[1], False, "00:60:00:00", "not a timecode"),
        (RATES[1], False, "00:00:00;00", "not drop-frame"),
        (RATES[3], True, "00:01:00:00", "skips"),
        (RATES[3], True, "aa:bb", "not a timecode"),
        (RATES[3], True, "", "not a timecode"),
        (RATES[3], True, "٠٠:٠٠:٠٠:٠٠", "not a timecode"),
    ],
)
def test_labels_that_do_not_exist(rate: Fraction, drop: bool, label: str, why: str) -> None:
    with pytest.raises(TimingError, match=why):
        Timecode(rate, drop).frame(label)


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30), RATES[0]])
def test_drop_frame_exists_at_two_rates_only(rate: Fraction) -> None:
    with pytest.raises(TimingError, match="no drop-frame"):
        Timecode(rate, True)


def test_start_label_and_midnight() -> None:
    late = Timecode(Fraction(25), start="23:59:59:20")
    assert [late.label(frame) for frame in (0, 4, 5, 30)] == ["23:59:59:20", "23:59:59:24", "00:00:00:00", "00:00:01:00"]
    assert late.frame("00:00:01:00") == 30
    assert late.time_of("00:00:01:00") == 1.2
    hour = Timecode(RATES[3], True, "01:00:00;00")
    assert hour.label_at(0.0) == "01:00:00;00"
    assert hour.label_at(3600.0) == "02:00:00;00", "drop-frame keeps up with the clock"
    with pytest.raises(TimingError):
        Timecode(Fraction(25), start="10:00:00:25")


@given(frame=st.integers(0, 48 * 3600 * 24), rate=st.sampled_from(RATES))
def test_a_frame_start_belongs_to_its_frame(frame: int, rate: Fraction) -> None:
    start_s = frame_start(frame, rate)
    if start_s < 48 * 3600 - 1:
        assert frame_at(start_s, rate) == frame
        assert frame_at(frame_start(frame + 1, rate) - 1e-5, rate) == frame
        assert frame_at(start_s + 0.9 * float(1 / rate), rate) == frame


@given(time_s=st.floats(0, 172800), rate=st.sampled_from(RATES))
def test_the_frame_on_screen_has_started_and_not_ended(time_s: float, rate: Fraction) -> None:
    frame = frame_at(time_s, rate)
    assert Fraction(frame) / rate <= Fraction(time_s) + Fraction(1, 10**6)
    assert Fraction(frame + 1) / rate > Fraction(time_s)


@pytest.mark.parametrize("time_s", [-1.0, float("nan"), float("inf"), 1e9])
def test_impossible_times(time_s: float) -> None:
    with pytest.raises(TimingError):
        frame_at(time_s, Fraction(25))
    with pytest.raises(TimingError):
        format_timestamp(time_s)


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        ("23.976", RATES[0]),
        (23.976, RATES[0]),
        ("23.98", RATES[0]),
        (23.976023976023978, RATES[0]),
        ("24000/1001", RATES[0]),
        (24, RATES[1]),
        ("25", RATES[2]),
        (25.0, RATES[2]),
        ("29.97", RATES[3]),
        (29.97, RATES[3]),
        (29.97002997, RATES[3]),
        ("59.94", RATES[6]),
        (59.94006, RATES[6]),
        ("60", RATES[7]),
        ("12.5", Fraction(25, 2)),
        (14.985, Fraction(15000, 1001)),
        ("119.88", Fraction(120000, 1001)),
        (Fraction(15), Fraction(15)),
    ],
)
def test_frame_rates(value: str | float | Fraction, rate: Fraction) -> None:
    assert parse_frame_rate(value) == rate


@pytest.mark.parametrize(
    "value", ["", "fast", "0", "-25", "1/0", "nan", float("nan"), float("inf"), "25:1", "1" * 50, True, "1001", None, [25]]
)
def test_not_frame_rates(value: object) -> None:
    with pytest.raises(TimingError):
        parse_frame_rate(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "time_s"),
    [
        ("0", 0.0),
        ("83.4", 83.4),
        ("83s", 83.0),
        ("02:03", 123.0),
        ("2:03.25", 123.25),
        ("1:02:03.5", 3723.5),
        ("00:01:02,345", 62.345),
        ("[00:12]", 12.0),
        ("1h2m3s", 3723.0),
        ("90 min", 5400.0),
        ("1分23秒", 83.0),
        ("１：０２", 62.0),
        (" 00:00:07.125 ", 7.125),
        ("120:00", 7200.0),
        ("2 hours", 7200.0),
    ],
)
def test_what_people_paste(text: str, time_s: float) -> None:
    assert parse_timestamp(text) == time_s


@pytest.mark.parametrize(
    "text", ["", "now", "1:2:3:4:5", "00:61", "1:61:00", "-5", "99999999", "1e3", "nan", "0x10", "9" * 500, "::", "12:", "٣:٠٠"]
)
def test_not_times(text: str) -> None:
    with pytest.raises(TimingError):
        parse_timestamp(text)


def test_a_pasted_label_needs_its_rate() -> None:
    with pytest.raises(TimingError, match="frame rate"):
        parse_timestamp("01:00:10:12")
    assert parse_timestamp("01:00:10:12", Timecode(Fraction(25), start="01:00:00:00")) == 10.48
    assert parse_timestamp("01:00:10;12", Timecode(RATES[3], True, "01:00:00;00")) == pytest.approx(312 * 1001 / 30000)


@given(st.integers(0, 172_800_000))
def test_formatted_timestamps_read_back(time_ms: int) -> None:
    assert parse_timestamp(format_timestamp(time_ms / 1000)) == time_ms / 1000
    assert parse_timestamp(format_timestamp(time_ms / 1000, short=True)) == time_ms // 1000


@pytest.mark.parametrize("rate", ["58500/1949", "30.02", "14.5", "2501/100"])
def test_no_labels_where_the_rate_would_make_them_untrue(rate: str) -> None:
    """A mean of a variable rate: its labels would be seconds off after an hour."""
    with pytest.raises(TimingError, match="no timecode"):
        Timecode(Fraction(rate))


def test_labels_keep_to_the_clock_wherever_they_exist() -> None:
    for rate in [*RATES, Fraction(48), Fraction(48000, 1001), Fraction(10), Fraction(120)]:
        label = Timecode(rate).label_at(3600.0)
        hours, minutes, seconds, _ = map(int, label.split(":"))
        assert 0 <= 3600 - (3600 * hours + 60 * minutes + seconds) <= 4, (rate, label)
