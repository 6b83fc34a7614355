"""The engine over a tiny model with random weights: batches, beginnings, stopping, and everything that can go wrong."""

import json
import shutil
import threading

import pytest
import torch
from safetensors.torch import load_file, save_file

from inference.answers.reading import read_script
from inference.engines.local import loading
from inference.engines.local.local_engine import LocalEngine
from inference.engines.local.model_options import ModelOptions
from inference.errors import Cancelled, MissingProgramError, WriterError


@pytest.fixture
def engine(model, monkeypatch):
    monkeypatch.setenv("OMNISCRIPT_MODEL_BATCH_SIZE", "4")
    return LocalEngine({"model_path": str(model)})


def test_a_batch_says_what_each_says_alone_and_tells_it_while_it_is_written(engine, ask):
    asked = [ask(0.0, 8.0, 150), ask(8.0, 20.0, 120), ask(20.0, 24.0, 90)]
    told = {0: [], 1: [], 2: []}
    together = engine.generate(asked, lambda row, piece: told[row].append(piece))
    for row, request in enumerate(asked):
        assert together[row].text == engine.generate([request])[0].text
        assert together[row].text == "".join(told[row])
        assert len(told[row]) > 10
        assert 0 < together[row].usage.num_new_tokens <= request.max_new_tokens
    assert len({reply.usage.num_prompt_tokens for reply in together}) == 3


def test_every_answer_follows_its_schema(engine, ask):
    for reply in engine.generate([ask(0.0, 8.0, 200), ask(8.0, 24.0, 300)]):
        if reply.finish != "cycle":
            assert read_script(reply.text, 16.0).answer.scenes


def test_it_goes_on_from_a_beginning(engine, ask):
    begun = '{"scenes": [{"location": "Kitchen", "events": [{"start": "00:01", "end": "00:02", "character": "Tom"}, {'
    reply = engine.generate([ask(0.0, 8.0, 200, begun=begun)])[0]
    assert reply.text.startswith('"start": "00:0')
    if reply.finish != "cycle":
        assert json.loads(begun + reply.text)["scenes"][0]["events"][1]["start"] >= "00:01"


def test_a_reader_can_stop_it(engine, ask):
    def stop(row, piece):
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        engine.generate([ask(0.0, 8.0)], stop)
    assert engine.generate([ask(0.0, 8.0)])[0].text, "and it works on"


def test_the_users_limit_and_penalty_count(model, ask):
    short = LocalEngine({"model_path": str(model), "max_new_tokens": 40})
    assert short.generate([ask(0.0, 8.0, 200)])[0].usage.num_new_tokens <= 40
    stern = LocalEngine({"model_path": str(model), "repetition_penalty": 1.3})
    assert stern.version != short.version
    assert stern.generate([ask(0.0, 8.0, 200)])[0].text != LocalEngine({"model_path": str(model)}).generate([ask(0.0, 8.0, 200)])[0].text
    with pytest.raises(WriterError, match="repetition_penalty"):
        LocalEngine({"model_path": str(model), "repetition_penalty": 0.5})


@pytest.mark.parametrize(("fits", "num_replies"), [(2, 4), (1, 0)])
def test_a_batch_that_does_not_fit_is_halved_once(engine, ask, fits, num_replies):
    """The allocator really refuses: the hook asks for more memory than there is whenever too many rows come."""

    def hungry(module, arguments, keywords):
        if keywords["inputs_embeds"].shape[0] > fits:
            torch.empty(1 << 60, dtype=torch.uint8)

    told = ["" for _ in range(4)]

    def listen(row, piece):
        told[row] += piece

    handle = loading.load(engine.model_options).model.model.language_model.register_forward_pre_hook(hungry, with_kwargs=True)
    asked = [ask(6.0 * row, 6.0 * row + 6.0, 40) for row in range(4)]
    try:
        if num_replies:
            replies = engine.generate(asked, listen)
            assert [reply.text for reply in replies] == told
        else:
            with pytest.raises(WriterError, match="not fit into memory") as error:
                engine.generate(asked)
            assert "BATCH_SIZE" in error.value.remedy
    finally:
        handle.remove()


def test_numbers_that_are_none_are_no_answer(model, ask, tmp_path):
    broken = shutil.copytree(model, tmp_path / "broken")
    tensors = load_file(broken / "model.safetensors")
    tensors["lm_head.weight"][5] = float("nan")
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WriterError, match="not finite"):
        LocalEngine({"model_path": str(broken)}).generate([ask(0.0, 8.0)])


def test_a_prompt_longer_than_the_model_holds_is_refused(engine, ask):
    request = ask(0.0, 8.0)
    loaded = loading.load(engine.model_options)
    with pytest.raises(WriterError, match="the model holds"):
        engine._limit(request, loaded.max_positions, loaded.max_positions)


def test_it_is_loaded_once_however_many_ask(engine):
    models = []
    threads = [threading.Thread(target=lambda: models.append(loading.load(engine.model_options))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in models}) == 1


@pytest.mark.parametrize("named", ["float32", "bfloat16", "float16"])
def test_the_named_precision_is_used(model, monkeypatch, named):
    monkeypatch.setenv("OMNISCRIPT_MODEL_DTYPE", named)
    assert loading.load(ModelOptions.read({"model_path": str(model)})).model.dtype == getattr(torch, named)


def test_what_a_setting_needs_is_said(model, monkeypatch):
    options = {"model_path": str(model)}
    monkeypatch.setenv("OMNISCRIPT_MODEL_QUANTIZATION", "int5")
    with pytest.raises(WriterError, match="int5"):
        loading.load(ModelOptions.read(options))
    if not loading._importable("bitsandbytes"):
        monkeypatch.setenv("OMNISCRIPT_MODEL_QUANTIZATION", "int4")
        with pytest.raises(MissingProgramError, match="bitsandbytes"):
            loading.load(ModelOptions.read(options))
    monkeypatch.delenv("OMNISCRIPT_MODEL_QUANTIZATION")
    if not torch.cuda.is_available():
        monkeypatch.setenv("OMNISCRIPT_MODEL_ATTENTION", "flash_attention_2")
        with pytest.raises(MissingProgramError, match="flash-attn"):
            loading.load(ModelOptions.read(options))
