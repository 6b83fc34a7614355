"""Where the programs are that this software runs but does not contain: today ffmpeg. Standard library only, so that any package may ask.

An installed ffmpeg comes first, because the system keeps it up to date; otherwise the one that the package ``imageio-ffmpeg`` brings.
"""

from __future__ import annotations

import shutil
from functools import cache

FFMPEG_REMEDY = "Install ffmpeg, or `pip install imageio-ffmpeg`."


@cache
def ffmpeg_program() -> str:
    """Path of the ffmpeg program.

    Raises:
        FileNotFoundError: there is none; :data:`FFMPEG_REMEDY` says what to do. Each package makes it an error of its own tree.
    """
    installed = shutil.which("ffmpeg")
    if installed:
        return installed
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise FileNotFoundError("There is no ffmpeg program on this machine.") from error
