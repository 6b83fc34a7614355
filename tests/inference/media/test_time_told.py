"""Time that was wrong without a word: variable rates, a broadcast WAV's start, a film that ends before its header says."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from inference.media import probe
from inference.media.renditions.proxy import proxy_rate
from inference.pipeline import open_film
from inference.writers.film_meta import film_meta
from omniscript_mam.exporters.clock import Clock
from omniscript_mam.script import Provenance
from tests.inference.media.clips import AAC, X264, frame_timing, run_ffmpeg


def test_a_variable_rate_is_counted_as_the_proxy_shows_it(tmp_path: Path) -> None:
    target = tmp_path / "vfr.mp4"
    graph = "setpts='(N/30.02+0.012*sin(N))/TB'"
    timing = ("-vf", graph, *frame_timing("vfr"), "-enc_time_base", "1/90000")
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=30:d=20", *timing, *X264, target)
    film = open_film(target, spool_dir=tmp_path / "spool", workdir=tmp_path / "work")
    assert film.info.video is not None
    assert film.info.video.is_variable
    meta = film_meta(film, description="", languages=[], card=None, by=Provenance(writer="lite"))
    assert Fraction(meta.frame_rate) == proxy_rate(film.info.video)
    assert Clock.at(meta.frame_rate).label(19.5) == "00:00:19:14"
    assert Clock.at(str(film.info.video.frame_rate)).label(19.5) == "0:19"


@pytest.mark.parametrize(("samples", "label"), [(1_728_000_000, "10:00:00:00"), (1_728_000_000 + 24_000, "10:00:00:12"), (0, "")])
def test_a_broadcast_wave_starts_where_its_time_reference_says(samples: int, label: str, tmp_path: Path) -> None:
    target = tmp_path / "bwf.wav"
    bext = ("-metadata", f"time_reference={samples}", "-write_bext", "1")
    run_ffmpeg("-f", "lavfi", "-i", "sine=f=500:d=1:r=48000", *bext, target)
    assert probe(target).start_timecode == label


def test_a_film_that_ends_early_says_so_in_the_scripts_notes(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    sound = ("-f", "lavfi", "-i", "sine=f=500:d=30")
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=30", *sound, *X264, *AAC, whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 5])
    film = open_film(cut, spool_dir=tmp_path / "spool", workdir=tmp_path / "work")
    (note,) = film.info.notes
    assert "declares 30." in note
    meta = film_meta(film, description="", languages=[], card=None, by=Provenance(writer="lite"), notes=["Its own."])
    assert meta.notes == [note, "Its own."]
