"""The child of :mod:`.process`: ``python -m search.embeddings.child WEIGHTS_DIR CACHE_DIR``.

Says ``{"ready": true}`` when the model is loaded, then answers one JSON line with one JSON line until its input ends, which happens
when the parent ends, however it ends.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from search.errors import EmbeddingError


def main() -> int:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers

    def say(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        from search.embeddings.minilm import SentenceModel

        model = SentenceModel(Path(sys.argv[1]), Path(sys.argv[2]))
    except (EmbeddingError, ImportError, OSError, RuntimeError, ValueError) as error:
        say({"error": str(error)})
        return 1
    say({"ready": True})
    for line in sys.stdin:
        vectors = model.embed(json.loads(line)["texts"])
        say({"vectors": base64.b64encode(vectors.tobytes()).decode("ascii")})
    return 0


if __name__ == "__main__":
    sys.exit(main())
