"""Is the model that a server says it served the one that was asked for?

Problem: some servers serve the model that they have, whatever name is asked for, and name it in the answer; others answer with a longer
form of the same name (a date, a tag, a folder, a quantisation), which is no other model.

Contents: :func:`other_model`.
"""

from __future__ import annotations

import re


def other_model(asked: str, served: str) -> str:
    """The name of the model that answered, where it is another than the one asked for; "" where it is the same, or not told."""
    if not served:
        return ""
    a, b = _parts(asked), _parts(served)
    shorter, longer = sorted((a, b), key=len)
    return "" if longer[: len(shorter)] == shorter else served


def _parts(name: str) -> list[str]:
    """The words of a model's own name: without the folders before it and the end of a file's name, in small letters."""
    own = re.split(r"[/\\]", name.rstrip("/").lower())[-1].removesuffix(".gguf")
    return [part for part in re.split(r"[-_:@. ]+", own) if part]
