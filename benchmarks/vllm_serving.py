"""A real vLLM under load: 200 questions, eight at once. Does it live, does its memory grow, how fast is it beside our own engine.

    python benchmarks/vllm_serving.py [--requests 200] [--at-once 8]

The model is tiny, with random weights, on one thread of a processor: the seconds say nothing of a real model, the ratio of the two engines
in one run says what serving costs and what asking together saves. Every question is about another clip (pictures and sound) and is bound
to a schema that fixes the length of the answer. Memory is the server's own share (PSS), all its processes together. The cache of processed
clips, which otherwise grows to 4 GiB, and that of keys and values, whose pages are touched as they are first used, are bounded to what
fills in the first questions, so that what grows beside them is seen.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from inference.engines.base import Clip, Engine, Failure, Request
from inference.engines.local.local_engine import LocalEngine
from inference.engines.remote.endpoints import Endpoint
from inference.engines.remote.remote_engine import RemoteEngine
from tests.inference.engines.remote.film import seen_film
from tests.servers.vllm import PYTHON, TIGHT, Server, served_model

CHARS = 60
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string", "pattern": f"^[a-z ]{{{CHARS}}}$"}},
    "required": ["title"],
    "additionalProperties": False,
}
STEP = 25
CACHE_GB, KV_BLOCKS = 0.05, 128


def main() -> None:
    """Print the figures of docs/benchmarks.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=8)
    arguments = parser.parse_args()
    if not PYTHON.is_file():
        sys.exit("vLLM's environment is not here: python tools/vllm_environment.py")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        model, film = served_model(folder / "model"), seen_film(folder)
        clips = [Clip(film.spool, number * 0.05, number * 0.05 + 5.0) for number in range(max(arguments.requests, 40))]
        requests = [
            Request("script", "Sys.", f"What happens in {n}?", clip, SCHEMA, False, max_new_tokens=256) for n, clip in enumerate(clips)
        ]
        small = (f"--mm-processor-cache-gb={CACHE_GB}", f"--num-gpu-blocks-override={KV_BLOCKS}")
        server = Server(model, folder / "vllm.log", TIGHT, *small).start()
        try:
            serve(server, requests[: arguments.requests], arguments.at_once)
        finally:
            server.stop()
        os.environ["OMNISCRIPT_MODEL_BATCH_SIZE"] = "1"
        alone = rate(LocalEngine({"model_path": str(model)}), requests[:16])
        os.environ["OMNISCRIPT_MODEL_BATCH_SIZE"] = str(arguments.at_once)
        together = rate(LocalEngine({"model_path": str(model)}), requests[:16])
        print(f"our own engine: {alone:.0f} tokens/s one at a time, {together:.0f} in batches of {arguments.at_once}")


def serve(server: Server, requests: list[Request], at_once: int) -> None:
    """One at a time, then all of them so many at once."""
    rate(engine_of(server, at_once), requests[-at_once:])  # what is made at the first questions
    alone = rate(engine_of(server, 1), requests[:16])
    memory, seconds, num_tokens = [server.memory_bytes()], 0.0, 0
    engine = engine_of(server, at_once)
    for first in range(0, len(requests), STEP):
        started = time.monotonic()
        num_tokens += num_written(engine, requests[first : first + STEP])
        seconds += time.monotonic() - started
        memory.append(server.memory_bytes())
        if not server.alive():
            sys.exit(f"the server died after {first + STEP} questions:\n{server.log.read_text()[-2000:]}")
    print(f"vLLM: {alone:.0f} tokens/s one at a time, {num_tokens / seconds:.0f} with {at_once} at once")
    print(f"{len(requests)} questions answered, {num_tokens} tokens, the server lives")
    print("memory in MB after every 25: " + ", ".join(f"{each / 1e6:.0f}" for each in memory))


def engine_of(server: Server, at_once: int) -> RemoteEngine:
    """Our client."""
    return RemoteEngine(
        Endpoint(
            name="vllm",
            url=f"{server.url}/v1",
            model="tiny",
            video="jpeg_sequence",
            audio="part",
            structured="structured_outputs",
            max_tokens=256,
            concurrency=at_once,
            num_tries=1,
        )
    )


def rate(engine: Engine, requests: list[Request]) -> float:
    """New tokens a second, from the question to the last token of the answers."""
    engine.generate(requests[:1])
    started = time.monotonic()
    return num_written(engine, requests) / (time.monotonic() - started)


def num_written(engine: Engine, requests: list[Request]) -> int:
    """New tokens of the answers; a question without one ends the run."""
    total = 0
    for reply in engine.generate(requests):
        if isinstance(reply, Failure):
            sys.exit(f"a question was not answered: {reply.error}")
        total += reply.usage.num_new_tokens
    return total


if __name__ == "__main__":
    main()
