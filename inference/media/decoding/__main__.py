"""The child's end of the pipe: do the one request in the arguments, and answer in JSON lines.

``python -m inference.media.decoding REQUEST``, started by :func:`inference.media.sandbox.child.run_child`, which says what a request and
an answer look like. Each task imports only what it needs: the probe does without OpenCV and the shot detector.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from inference.errors import MediaError, RefusedMediaError
from inference.media.admission import TOO_BIG_REMEDY, shown


def _answer(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _do(request: dict[str, Any]) -> Any:
    path = Path(request["path"])
    if request["task"] == "probe":
        from inference.media.decoding.probing import describe_file

        outside = {int(index): Path(file) if file else None for index, file in request.get("outside", {}).items()}
        return describe_file(path, outside, lambda index, is_picture: _answer({"at": index, "is_picture": is_picture})).to_data()
    from inference.media.description import MediaInfo

    info = MediaInfo.from_data(request["info"])
    if request["task"] == "subtitles":
        from inference.media.decoding.subtitle_packets import write_packets

        return write_packets(path, info, Path(request["folder"]))
    from inference.media.decoding.surveying import Pipe, survey_range

    pipe = Pipe(request["pipe"], request["is_counted"]) if "pipe" in request else None
    range_s = request["start_s"], request["end_s"]
    return survey_range(path, info, Path(request["folder"]), *range_s, lambda share: _answer({"progress": share}), pipe)


def _fail(error: MediaError) -> None:
    _answer({"error": {"code": error.code, "message": str(error), "remedy": error.remedy}})


def main() -> int:
    """Do the one request in the arguments."""
    import av

    av.logging.set_level(None)
    request = json.loads(sys.argv[1])
    try:
        _answer({"result": _do(request)})
    except MediaError as error:
        _fail(error)
    except MemoryError:
        _fail(RefusedMediaError(f"{shown(Path(request['path']))} takes more memory than is allowed.", remedy=TOO_BIG_REMEDY))
    return 0


if __name__ == "__main__":
    sys.exit(main())
