"""The bare recogniser: faster-whisper with the lite writer's model and settings (base, int8, beam 5, word times) and nothing around it.

python benchmarks/bare.py FILM [--language en]     prints its lines as JSON: [{"start", "end", "text"}]
"""

from __future__ import annotations

import argparse
import json
import os

from faster_whisper import WhisperModel

from inference.weights import weights_path


def main() -> None:
    """Recognise one file with the recogniser's own decoding and defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("film")
    parser.add_argument("--language")
    arguments = parser.parse_args()
    threads = int(os.environ.get("OMNISCRIPT_THREADS", os.cpu_count() or 1))
    model = WhisperModel(str(weights_path("whisper-base")), device="cpu", compute_type="int8", cpu_threads=threads)
    segments, _ = model.transcribe(arguments.film, language=arguments.language, beam_size=5, word_timestamps=True)
    print(json.dumps([{"start": s.start, "end": s.end, "text": s.text.strip()} for s in segments]))


if __name__ == "__main__":
    main()
