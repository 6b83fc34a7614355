"""Pictures that were wrong: high dynamic range, the wrong track, combs after a slate, cuts at flashes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from inference.media import Spool, ffmpeg_program, make_proxy, probe
from inference.media.tone import tone_mapped, write_cube
from tests.inference.media.clips import X264, look, run_ffmpeg

TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
STRIPES = ((1.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.18, 0.18, 0.18))
"""Linear BT.709, 1 = diffuse white."""
SHOWN = ((250, 250, 250), (250, 0, 0), (0, 250, 0), (118, 118, 118))


def _pq(nits: np.ndarray) -> np.ndarray:
    share = np.clip(nits / 10_000, 0, 1) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * share) / (1 + 2392 / 128 * share)) ** (2523 / 32)


def _hlg(nits: np.ndarray) -> np.ndarray:
    light = nits / 1000
    luma = max(float(light @ np.array([0.2627, 0.6780, 0.0593])), 1e-9)
    scene = light * luma ** (-0.2 / 1.2)
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073)


def _stripes(transfer: str) -> np.ndarray:
    """Four pixels, uint16 RGB."""
    encode = _pq if transfer == "pq" else _hlg
    codes = [encode(TO_2020 @ np.array(colour) * 203) for colour in STRIPES]
    return np.rint(np.array(codes)[None] * 65535).astype(np.uint16)


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_diffuse_white_is_white(transfer: str) -> None:
    assert np.abs(tone_mapped(_stripes(transfer), transfer)[0].astype(int) - SHOWN).max() <= 4


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_brighter_than_white_stays_in_order(transfer: str) -> None:
    ramp = np.repeat(np.linspace(0, 65535, 200).astype(np.uint16)[None, :, None], 3, axis=2)
    grey = tone_mapped(ramp, transfer)[0, :, 0].astype(int)
    assert (np.diff(grey) >= 0).all()
    assert (grey[0], grey[-1]) == (0, 255)


def test_the_lattice_is_the_same_mapping(tmp_path: Path) -> None:
    """What ffmpeg's lut3d makes of the stripes is what the survey makes of them."""
    write_cube(tmp_path / "pq.cube", "pq")
    raw = np.repeat(np.repeat(_stripes("pq"), 16, axis=0), 16, axis=1)
    command = [ffmpeg_program(), "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb48le", "-s", "64x16", "-i", "-"]
    command += ["-vf", f"format=gbrp16le,lut3d=file={tmp_path / 'pq.cube'}:interp=tetrahedral,format=rgb24", "-f", "rawvideo", "-"]
    done = subprocess.run(command, input=raw.tobytes(), capture_output=True, check=True)
    image = np.frombuffer(done.stdout, np.uint8).reshape(16, 64, 3)
    assert np.abs(image[8, 8::16].astype(int) - SHOWN).max() <= 8


def test_survey_and_proxy_of_a_pq_film(tmp_path: Path) -> None:
    codes = _stripes("pq")[0] / 65535
    luma = codes @ np.array([0.2627, 0.6780, 0.0593])
    planes = [64 + 876 * luma, 512 + 896 * (codes[:, 2] - luma) / 1.8814, 512 + 896 * (codes[:, 0] - luma) / 1.4746]
    full = [np.tile(np.repeat(np.rint(p).astype("<u2"), 40 // n), (90 // n, 1)) for p, n in zip(planes, (1, 2, 2), strict=True)]
    tags = ("-vf", "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc")
    raw, target = tmp_path / "raw.yuv", tmp_path / "pq.mkv"
    raw.write_bytes(b"".join(plane.tobytes() for plane in full) * 25)
    run_ffmpeg("-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-s", "160x90", "-r", "25", "-i", raw, "-c:v", "ffv1", *tags, target)
    seen = look(target, tmp_path / "spool")
    assert seen.info.video is not None
    assert seen.info.video.transfer == "pq"
    frame = seen.spool.frame_at(0.5)
    assert frame is not None
    assert np.abs(frame.image[45, 20::40].astype(int) - SHOWN).max() <= 12
    proxy = make_proxy(target, seen.info, tmp_path / "out", lambda share, message: None)
    played = subprocess.run(
        [ffmpeg_program(), "-v", "error", "-i", str(proxy.path), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True,
        check=True,
    ).stdout
    image = np.frombuffer(played, np.uint8).reshape(90, 160, 3)
    assert np.abs(image[45, 20::40].astype(int) - SHOWN).max() <= 20
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["proxy.mp4"], "the lattice is removed"
    again = probe(proxy.path)
    assert again.video is not None
    assert again.video.transfer == ""


def test_a_picture_in_front_of_the_film_is_not_the_film(tmp_path: Path) -> None:
    target = tmp_path / "picture.mov"
    sources = ("-f", "lavfi", "-i", "color=blue:s=160x120:r=1:d=1", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1")
    codecs = ("-c:v:0", "mjpeg", "-pix_fmt:v:0", "yuvj420p", "-c:v:1", "libx264", "-pix_fmt:v:1", "yuv420p")
    run_ffmpeg(*sources, "-map", "0", "-map", "1", *codecs, target)
    info = probe(target)
    assert info.video is not None
    assert (info.video.width_px, info.video.num_frames) == (320, 25)


@pytest.fixture(scope="module")
def after_a_slate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One progressive second, then interlaced pictures of a moving bar."""
    folder = tmp_path_factory.mktemp("slate")
    rates = ("-c:v", "mpeg2video", "-b:v", "6M")
    run_ffmpeg("-f", "lavfi", "-i", "color=c=0x202020:s=720x576:r=25:d=1", *rates, "-f", "mpeg2video", folder / "a.m2v")
    graph = "tinterlace=interleave_top,fieldorder=tff"
    fields = ("-f", "lavfi", "-i", "testsrc2=s=720x576:r=50:d=2,format=yuv420p", "-vf", graph)
    run_ffmpeg(*fields, *rates, "-flags", "+ildct+ilme", "-f", "mpeg2video", folder / "b.m2v")
    (folder / "slate.m2v").write_bytes((folder / "a.m2v").read_bytes() + (folder / "b.m2v").read_bytes())
    run_ffmpeg("-r", "25", "-i", folder / "slate.m2v", "-c", "copy", folder / "slate.mpg")
    return folder / "slate.mpg"


def test_interlace_is_judged_by_more_than_the_slate(after_a_slate: Path) -> None:
    info = probe(after_a_slate)
    assert info.video is not None
    assert info.video.is_interlaced


def _cuts(graph: str, folder: Path) -> list[float]:
    run_ffmpeg("-f", "lavfi", "-i", graph, *X264, folder / "film.mp4")
    spool: Spool = look(folder / "film.mp4", folder / "spool").spool
    return [start_s for start_s, _ in spool.shots()][1:]


def test_flashes_are_no_cuts(tmp_path: Path) -> None:
    white = "+".join(f"eq(n\\,{frame})" for frame in (50, 75, 76, 110, 140))
    assert _cuts(f"testsrc2=s=320x180:r=25:d=7,drawbox=enable='{white}':color=white:t=fill", tmp_path) == []


def test_a_cut_with_a_flash_on_it_is_a_cut(tmp_path: Path) -> None:
    other = "drawbox=enable='gte(n\\,75)':color=0x204080:t=fill,drawbox=enable='gte(n\\,75)':x=40:y=40:w=200:h=60:color=yellow:t=fill"
    cuts = _cuts(f"testsrc2=s=320x180:r=25:d=6,{other},drawbox=enable='eq(n\\,75)':color=white:t=fill", tmp_path)
    assert len(cuts) == 1
    assert cuts[0] == pytest.approx(3.0, abs=0.05)
