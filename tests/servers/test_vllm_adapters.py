"""Adapters inside vLLM: names of the language model are taken as vLLM calls them, those of eyes and ears are refused."""

from __future__ import annotations

import json

import pytest

from .vllm import needs_vllm, run_in_vllm

pytestmark = [needs_vllm, pytest.mark.timeout(300)]

ASK = """
import json, sys
from vllm.lora.utils import parse_fine_tuned_lora_name
from inference.omniscript.vllm_model import OmniScriptForConditionalGeneration as Model
mapper, found = Model.hf_to_vllm_mapper.get_rename_mapper(), []
for name in json.loads(sys.argv[1]):
    try:
        found.append(parse_fine_tuned_lora_name(f"base_model.model.{name}.lora_A.weight", mapper)[0])
    except ValueError as error:
        found.append(str(error))
print(json.dumps(found))
"""


def test_adapters_of_the_language_model_alone_are_taken():
    names = [
        "model.language_model.layers.0.self_attn.q_proj",
        "model.visual.blocks.0.mlp.linear_fc1",
        "model.audio_encoder.layers.0.self_attn.q_proj",
        "model.audio_projectors.input.linear_fc1",
    ]
    done = run_in_vllm(["-c", ASK, json.dumps(names)])
    assert done.returncode == 0, done.stderr[-2000:]
    taken, *refused = json.loads(done.stdout.splitlines()[-1])
    assert taken == "language_model.model.layers.0.self_attn.q_proj"
    assert all("only adapters of OmniScript's language model are taken" in said for said in refused), refused
