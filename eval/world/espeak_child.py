"""A program of its own that speaks with the eSpeak NG library of the ``espeakng-loader`` wheel.

eSpeak NG is under the GPL, so its library is loaded here, in a child process, and never by the programs that use its sound. Run as
``python -m eval.world.espeak_child``; one JSON object a line on standard input, ``{"voice", "speed", "pitch", "text"}``; for each,
standard output gets the sample rate and the number of samples (two little-endian uint32), then 16-bit mono samples.
"""

from __future__ import annotations

import ctypes
import json
import struct
import sys
from typing import Any

RETRIEVAL = 1
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4
UTF8 = 1


def main() -> None:
    """Serve until standard input ends."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate_hz = library.espeak_Initialize(RETRIEVAL, 0, str(espeakng_loader.get_data_path()).encode(), 0)
    if rate_hz <= 0:
        raise SystemExit("eSpeak NG does not find its data")
    samples = bytearray()
    callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

    def collect(data: Any, num_samples: int, events: Any) -> int:
        if data and num_samples > 0:
            samples.extend(ctypes.string_at(data, num_samples * 2))
        return 0

    callback = callback_type(collect)
    library.espeak_SetSynthCallback(callback)
    for line in sys.stdin:
        request = json.loads(line)
        samples.clear()
        if library.espeak_SetVoiceByName(request["voice"].encode()) != 0:
            raise SystemExit(f"no voice {request['voice']}")
        library.espeak_SetParameter(RATE, request["speed"], 0)
        library.espeak_SetParameter(PITCH, request["pitch"], 0)
        text = request["text"].encode() + b"\0"
        library.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 0, 0, UTF8, None, None)
        library.espeak_Synchronize()
        sys.stdout.buffer.write(struct.pack("<II", rate_hz, len(samples) // 2) + samples)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
