"""Pictures → patches, as Qwen3-VL's own video processor makes them, to the bit, without torchvision.

The pixel budget is a volume: frames x height x width of the whole clip between ``min_pixels`` and ``max_pixels``, and no frame above
``max_frame_tokens`` tokens. Sides become multiples of patch x merge.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def patches(images: Sequence[np.ndarray], settings: PictureSettings) -> tuple[torch.Tensor, tuple[int, int, int]]:
    """The patches of one clip.

    Args:
        images: uint8 (height, width, 3), all of one size; the last is repeated until they fill whole temporal patches.

    Returns:
        float32 (t * h * w, 3 * temporal patch * patch * patch), and the grid (t, h, w).
    """
    frames = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    size = fitting_size(len(frames), frames.shape[2], frames.shape[3], settings)
    if tuple(frames.shape[2:]) != size:  # on whole numbers: by way of floats some values differ by several levels
        frames = torch.nn.functional.interpolate(frames, size=size, mode="bicubic", antialias=True, align_corners=False)
    mean, std = (torch.tensor(values) * 255.0 for values in (settings.mean, settings.std))
    pixels = frames.to(torch.float32).sub_(mean[:, None, None]).div_(std[:, None, None])
    if missing := -len(pixels) % settings.temporal_patch_size:
        pixels = torch.cat([pixels, pixels[-1:].expand(missing, -1, -1, -1)])
    t, h, w = len(pixels) // settings.temporal_patch_size, size[0] // settings.patch_size, size[1] // settings.patch_size
    merge, patch = settings.merge_size, settings.patch_size
    cut = pixels.view(t, settings.temporal_patch_size, 3, h // merge, merge, patch, w // merge, merge, patch)
    return cut.permute(0, 3, 6, 4, 7, 2, 1, 5, 8).reshape(t * h * w, -1), (t, h, w)
