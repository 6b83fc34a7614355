"""Pictures → patches, as Qwen3-VL's own video processor makes them, to the bit, without torchvision.

The pixel budget is a volume: frames x height x width of the whole clip between ``min_pixels`` and ``max_pixels``, and no frame above
``max_frame_tokens`` tokens. Sides become multiples of patch x merge.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from transformers.models.qwen3_vl.video_processing_qwen3_vl import smart_resize


@dataclass(frozen=True)
class PictureSettings:
    """What a checkpoint was trained with (``video_preprocessor_config.json``)."""

    patch_size: int = 16
    temporal_patch_size: int = 2
    merge_size: int = 2
    min_pixels: int = 4096
    max_pixels: int = 25_165_824
    max_frame_tokens: int = 768
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)

    @property
    def factor(self) -> int:
        """Pixels of a side that one token covers."""
        return self.patch_size * self.merge_size


def fitting_size(num_frames: int, height: int, width: int, settings: PictureSettings) -> tuple[int, int]:
    """Height and width in pixels after resizing.

    Args:
        num_frames: pictures of the whole clip: the budget is shared among them.
        height, width: of the pictures as they come, in pixels.
    """
    per_frame = min(settings.max_frame_tokens * settings.factor**2, settings.max_pixels // num_frames)
    budget = max(per_frame, int(settings.min_pixels * 1.05)) * num_frames
    size: tuple[int, int] = smart_resize(
        num_frames=max(num_frames, settings.temporal_patch_size), height=height, width=width, factor=settings.factor,
        temporal_factor=settings.temporal_patch_size, min_pixels=settings.min_pixels, max_pixels=budget,
    )  # fmt: skip
    return size


def patches(
    images: Iterable[np.ndarray], settings: PictureSettings, num_images: int | None = None
) -> tuple[torch.Tensor, tuple[int, int, int]]:
    """The patches of one clip. Pictures are taken one temporal patch at a time, so that only the patches are held.

    Args:
        images: uint8 (height, width, 3), all of one size; the last is repeated until they fill whole temporal patches.
        num_images: how many there are; needed where ``images`` has no length.

    Returns:
        float32 (t * h * w, 3 * temporal patch * patch * patch), and the grid (t, h, w).

    Raises:
        ValueError: there are not as many as was said, or one has another size.
    """
    count = len(images) if num_images is None else num_images  # type: ignore[arg-type]
    depth, patch, merge = settings.temporal_patch_size, settings.patch_size, settings.merge_size
    coming = iter(images)
    first = next(coming, None)
    if first is None:
        raise ValueError("A clip with pictures needs at least one.")
    size = fitting_size(count, first.shape[0], first.shape[1], settings)
    t, h, w = -(-count // depth), size[0] // patch, size[1] // patch
    made = torch.empty(t * h * w, 3 * depth * patch * patch)
    mean, std = (torch.tensor(values) * 255.0 for values in (settings.mean, settings.std))
    coming, num_taken = itertools.chain([first], coming), 0
    for place, group in enumerate(_groups(coming, depth)):
        num_taken += len(group)
        if num_taken > count or any(image.shape != first.shape for image in group):
            raise ValueError(f"{count} pictures of {first.shape} were to come; the {num_taken}th one does not fit.")
        frames = torch.from_numpy(np.stack(group)).permute(0, 3, 1, 2).contiguous()
        if tuple(frames.shape[2:]) != size:  # on whole numbers: by way of floats some values differ by several levels
            frames = torch.nn.functional.interpolate(frames, size=size, mode="bicubic", antialias=True, align_corners=False)
        pixels = frames.to(torch.float32).sub_(mean[:, None, None]).div_(std[:, None, None])
        if missing := depth - len(pixels):
            pixels = torch.cat([pixels, pixels[-1:].expand(missing, -1, -1, -1)])
        cut = pixels.view(depth, 3, h // merge, merge, patch, w // merge, merge, patch)
        made[place * h * w : (place + 1) * h * w] = cut.permute(2, 5, 3, 6, 1, 0, 4, 7).reshape(h * w, -1)
    if num_taken != count:
        raise ValueError(f"{count} pictures were to come, but there are {num_taken}.")
    return made, (t, h, w)


def _groups(images: Iterator[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    while group := list(itertools.islice(images, size)):
        yield group
