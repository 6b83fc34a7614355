"""A real vLLM over HTTP: what our client sends is taken, what it cannot do is refused with a sentence and kills nothing.

Also: the commands of docker/ against the server's own argument parser.
"""

from __future__ import annotations

import base64
import io
import json
import wave

import numpy as np
import pytest
import yaml
from PIL import Image

from inference.engines.base import Clip, Request
from inference.engines.remote.endpoints import Endpoint
from inference.engines.remote.remote_engine import RemoteEngine
from tests.inference.engines.remote.film import seen_film

from .clips import BOTH, CASES, RATE_HZ, Asked
from .vllm import TIGHT, TOP, Server, needs_vllm, run_in_vllm, served_model

pytestmark = [needs_vllm, pytest.mark.timeout(500)]

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string", "minLength": 4, "maxLength": 12}, "kind": {"enum": ["day", "night"]}},
    "required": ["title", "kind"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vllm")
    found = Server(served_model(folder / "model"), folder / "vllm.log", TIGHT)
    yield found.start()
    found.stop()


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return seen_film(tmp_path_factory.mktemp("film"))


def body(asked: Asked, **changes: object) -> dict[str, object]:
    """A chat request as our client makes it."""
    parts: list[dict[str, object]] = []
    if asked.times_s:
        pictures = []
        for image in asked.frames():
            file = io.BytesIO()
            Image.fromarray(image).save(file, "JPEG", quality=95)
            pictures.append(base64.b64encode(file.getvalue()).decode())
        parts.append({"type": "video_url", "video_url": {"url": "data:video/jpeg;base64," + ",".join(pictures)}})
        changes = {"media_io_kwargs": {"video": {**asked.metadata(), "num_frames": -1}}, **changes}
    if (sound := asked.sound()) is not None:
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RATE_HZ)
            writer.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
        parts.append({"type": "input_audio", "input_audio": {"data": base64.b64encode(file.getvalue()).decode(), "format": "wav"}})
    content = [*parts, {"type": "text", "text": asked.text}]
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": content}]
    return {
        "model": "tiny",
        "messages": messages,
        "temperature": 0,
        "max_tokens": 16,
        "ignore_eos": True,
        "return_token_ids": True,
        **changes,
    }


def test_our_own_client_is_served_and_bound_to_the_schema(server, film):
    endpoint = Endpoint(
        name="vllm", url=f"{server.url}/v1", model="tiny", video="jpeg_sequence", audio="part", structured="structured_outputs",
        continuation="prefix", repetition_detection=True, max_tokens=600, concurrency=4, num_tries=1,
    )  # fmt: skip
    engine = RemoteEngine(endpoint)
    clips = [Clip(film.spool, 3.0, 11.0), Clip(film.spool, 0.0, 7.0), None, Clip(film.spool, 3.0, 11.0)]
    replies = engine.generate([Request("script", "Sys.", "What happens?", clip, SCHEMA, thinking=False) for clip in clips])
    for reply in replies:
        answer = json.loads(reply.text)
        assert set(answer) == {"title", "kind"} and answer["kind"] in ("day", "night")
        assert reply.usage.num_new_tokens > 0 and reply.usage.num_prompt_tokens > 0
    assert replies[0].text == replies[3].text


def test_the_prompt_over_http_is_the_processors(server, tmp_path):
    from inference.media.description import Frame
    from inference.omniscript.processing_omniscript import OmniScriptProcessor

    processor = OmniScriptProcessor.from_pretrained(server.model)
    for name in ("text", "pictures and sound", "late pictures and sound"):
        asked = CASES[name]
        shown = [Frame(time_s, image) for time_s, image in zip(asked.times_s, asked.frames(), strict=True)] if asked.times_s else None
        ours = processor.clips([processor.chat("s", asked.text, bool(asked.times_s))], [shown], [asked.sound()], [0.0], [asked.duration_s])
        status, answer = server.post("/v1/chat/completions", body(asked))
        assert status == 200, answer
        assert answer["prompt_token_ids"] == ours["input_ids"][0].tolist(), name


def test_sound_and_times_matter_over_http_and_a_clip_may_come_twice(server):
    def said(**changes: object) -> object:
        status, answer = server.post("/v1/chat/completions", body(Asked(**{**BOTH.__dict__, **changes}), logprobs=True))
        assert status == 200, answer
        return [(each["token"], round(each["logprob"], 3)) for each in answer["choices"][0]["logprobs"]["content"]]

    first = said()
    assert said() == first
    assert said(sound_s=None) != first
    assert said(sound_seed=8) != first
    assert said(times_s=tuple(time_s + 0.4 for time_s in BOTH.times_s)) != first
    assert said() == first


REFUSED = {
    "two clips": (lambda: _twice(body(BOTH)), "video"),
    "sound without a clip": (lambda: body(Asked(sound_s=2.0)), "0 videos, but 1 sounds"),
    "options of the processor": (lambda: body(BOTH, mm_processor_kwargs={"fps": 2.0}), "processor has no options"),
    "times that go back": (lambda: body(Asked(times_s=(1.0, 0.5, 2.0), sound_s=2.0)), "times of the pictures go back"),
    "a frame rate of nought": (lambda: _clock(fps=0.0), "fps of a video is 0.0"),
    "no end": (lambda: _clock(duration=1.0), "outside the video's duration"),
}


def _twice(request: dict) -> dict:
    content = request["messages"][1]["content"]
    content.insert(0, content[0])
    return request


def _clock(**changes: object) -> dict:
    request = body(BOTH)
    request["media_io_kwargs"]["video"] |= changes
    return request


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_with_a_sentence_and_kills_nothing(server, case):
    make, said = REFUSED[case]
    status, answer = server.post("/v1/chat/completions", make())
    assert status == 400 and said in json.dumps(answer), (status, answer)
    assert server.post("/v1/chat/completions", body(BOTH))[0] == 200


def test_the_plugin_said_at_the_start_which_version_it_was_tested_with(server):
    said = server.log.read_text()
    assert "OmniScript's plugin is tested with vLLM 0.32. This is vLLM 0.32.0" in said


def test_without_the_flag_of_our_compose_file_every_clip_would_be_refused():
    """Why --trust-request-mm-kwargs stands there."""
    said = "from vllm.entrypoints.generate.base import protocol; import inspect; print(inspect.getsource(protocol))"
    assert "--trust-request-mm-kwargs" in run_in_vllm(["-c", said]).stdout
    assert "--trust-request-mm-kwargs" in commands()["compose.yaml"]


def commands() -> dict[str, list[str]]:
    """What docker/ and the page start vLLM with."""
    compose = yaml.safe_load((TOP / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    page = (TOP / "docs" / "writers.md").read_text(encoding="utf-8")
    lines = [line.split() for line in page.replace("\\\n", " ").splitlines() if line.startswith("vllm serve ")]
    assert lines
    return {"compose.yaml": compose["services"]["vllm"]["command"], **{" ".join(line): line[2:] for line in lines}}


def test_the_servers_own_parser_takes_our_commands():
    parse = (
        "import sys, json\n"
        "from vllm.utils.argparse_utils import FlexibleArgumentParser\n"
        "from vllm.entrypoints.launchers.cli_args import make_arg_parser\n"
        "parser = make_arg_parser(FlexibleArgumentParser())\n"
        "found = [parser.parse_args(command) for command in json.loads(sys.argv[1])]\n"
        "print(json.dumps([[each.trust_request_mm_kwargs, each.max_model_len, each.model_tag] for each in found]))"
    )
    asked = commands()
    done = run_in_vllm(["-c", parse, json.dumps(list(asked.values()))])
    assert done.returncode == 0, done.stderr[-1500:]
    for name, (trusted, length, model) in zip(asked, json.loads(done.stdout.splitlines()[-1]), strict=True):
        assert trusted is True and length >= 32768 and model, name
