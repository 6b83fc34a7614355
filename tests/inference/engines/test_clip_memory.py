"""Pictures of a clip are decoded, resized and encoded one after the other: 600 of 640 x 640 are 737 MB if they are held."""

from __future__ import annotations

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from inference.engines.base import Clip
from inference.engines.remote.clip_media import mp4, pictures
from inference.media.description import FrameOnDemand

NUM_FRAMES, SIDE_PX = 600, 640
PICTURE_BYTES = SIDE_PX * SIDE_PX * 3


class Spooled:
    """A film of grey pictures, two a second, that counts what is decoded."""

    spool_dir = "/film"

    def __init__(self) -> None:
        self.num_decoded = 0
        self.info = SimpleNamespace(video=None)

    def frames_on_demand(self, start_s, end_s, rate_hz):
        return [FrameOnDemand(number / rate_hz, self._decode) for number in range(round((end_s - start_s) * rate_hz))]

    def _decode(self):
        self.num_decoded += 1
        return np.full((SIDE_PX, SIDE_PX, 3), 128, np.uint8)


@pytest.fixture
def clip():
    return Clip(Spooled(), 0.0, NUM_FRAMES / 2, 2.0, SIDE_PX, with_audio=False)


def peak_bytes(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_listing_the_pictures_decodes_none(clip):
    assert [picture.time_s for picture in pictures(clip)][:3] == [0.0, 0.5, 1.0]
    assert clip.spool.num_decoded == 0


def test_pictures_for_a_server_are_decoded_once_and_not_held(clip):
    encoded = []
    peak = peak_bytes(lambda: encoded.extend(picture.jpeg() for picture in pictures(clip)))
    assert len(encoded) == NUM_FRAMES == clip.spool.num_decoded
    assert peak < 10 * PICTURE_BYTES + sum(map(len, encoded))


def test_a_file_for_a_server_is_made_of_one_picture_at_a_time():
    clip = Clip(Spooled(), 0.0, 40.0, 2.0, SIDE_PX, with_audio=False)
    peak = peak_bytes(lambda: mp4(pictures(clip), None, clip.duration_s, 2.0))
    assert clip.spool.num_decoded == 80
    assert peak < 12 * PICTURE_BYTES


def test_pictures_for_our_own_model_are_not_held(clip):
    torch = pytest.importorskip("torch")
    from inference.engines.local.local_engine import _pictures
    from inference.omniscript.pictures import PictureSettings, patches

    shown = _pictures(clip)
    made = []
    peak = peak_bytes(lambda: made.append(patches((frame.image for frame in shown), PictureSettings(), len(shown))))
    cut, (t, h, w) = made[0]
    assert clip.spool.num_decoded == NUM_FRAMES
    assert t == NUM_FRAMES // 2 and cut.shape == (t * h * w, 1536) and cut.dtype == torch.float32
    assert peak < 10 * PICTURE_BYTES  # numpy's share: the pictures; what is made of them is the 300 MB that the model reads


def test_pictures_that_are_more_fewer_or_larger_than_said_are_refused():
    pytest.importorskip("torch")
    from inference.omniscript.pictures import PictureSettings, patches

    image = np.zeros((64, 64, 3), np.uint8)
    for images, count in (([image] * 3, 2), ([image] * 3, 5), ([image, np.zeros((32, 64, 3), np.uint8)], 2), ([], 0)):
        with pytest.raises(ValueError, match="picture"):
            patches(iter(images), PictureSettings(), count)
