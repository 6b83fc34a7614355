"""Constrained decoding with random models: whatever they would like to write, what they write is a whole, legal answer."""

import json

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("llguidance")

from transformers import LogitsProcessorList, StoppingCriteriaList  # noqa: E402

from inference.answers.clip_times import read_tenths  # noqa: E402
from inference.answers.reading import read_script  # noqa: E402
from inference.answers.schema import plan_schema, script_schema  # noqa: E402
from inference.engines.base import Clip, Request  # noqa: E402
from inference.engines.local.decoding import constraints  # noqa: E402
from inference.errors import WriterError  # noqa: E402

from .models import random_language_model, small_tokenizer  # noqa: E402

torch.set_num_threads(1)
PADDING_ROWS = 40


@pytest.fixture(scope="module")
def tokenizer():
    return small_tokenizer()


@pytest.fixture(scope="module")
def model(tokenizer):
    return random_language_model(len(tokenizer) + PADDING_ROWS)


def request(duration_s=30.0, num_tokens=300, thinking=False, begun="", purpose="script"):
    schema = script_schema(duration_s) if purpose == "script" else plan_schema(duration_s)
    return Request(purpose, "", "Write.", Clip(None, 0.0, duration_s), schema, thinking, begun, num_tokens)


def write(model, tokenizer, requests, seed=0, *, limits=None):
    """Texts and rules; prompts of different lengths, sampled."""
    prompts = [f"{'Please ' * index}write.{request.begun}" for index, request in enumerate(requests)]
    inputs = tokenizer(prompts, return_tensors="pt", padding=True)
    rules = constraints(tokenizer, requests, limits)
    torch.manual_seed(seed)
    longest = max(limits or [request.max_new_tokens for request in requests])
    tokens = model.generate(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], do_sample=True, temperature=1.5, top_k=0,
        max_new_tokens=longest, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
        logits_processor=LogitsProcessorList(rules.processors), stopping_criteria=StoppingCriteriaList(rules.criteria),
    )  # fmt: skip
    texts = tokenizer.batch_decode(tokens[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return texts, rules


def times_of(items):
    return [(read_tenths(item["start"]), read_tenths(item["end"])) for item in items]


@pytest.mark.parametrize("duration_s", [3.0, 300.0, 2700.0])
def test_answers_are_whole_and_their_times_in_order(model, tokenizer, duration_s):
    requests = [request(duration_s, 400), request(duration_s, 250, thinking=True), request(duration_s, 150)]
    texts, rules = write(model, tokenizer, requests)
    for index, text in enumerate(texts):
        if rules.cycled[index]:
            continue
        assert text.startswith("<thinking>\n") == requests[index].thinking
        document = json.loads(text.rpartition("</thinking>\n")[2])
        times = times_of([event for scene in document["scenes"] for event in scene["events"]])
        assert all(0 <= start <= end <= duration_s * 10 for start, end in times)
        assert [start for start, _ in times] == sorted(start for start, _ in times)
        read_script(text, duration_s)


def test_a_short_budget_still_gives_a_whole_document(model, tokenizer):
    for limit in (40, 70, 110, 200):
        texts, rules = write(model, tokenizer, [request(num_tokens=limit), request(num_tokens=limit, purpose="plan")], seed=limit)
        for index, text in enumerate(texts):
            if not rules.cycled[index]:
                json.loads(text)
                assert rules.finish(index) == ("length" if rules.shortened[index] else "stop")


def test_limits_of_rows_are_kept_one_by_one(model, tokenizer):
    texts, rules = write(model, tokenizer, [request(num_tokens=500), request(num_tokens=500)], limits=[90, 200])
    assert len(tokenizer.encode(texts[0])) <= 100
    assert json.loads(texts[0])["scenes"] is not None
    assert rules.finish(0) == "length"


def test_it_goes_on_from_what_was_begun(model, tokenizer):
    begun = '{"scenes": [{"location": "Kitchen", "events": [{"start": "00:20", "end": "00:21", "character": "Tom"}'
    texts, _ = write(model, tokenizer, [request(begun=begun, num_tokens=200)])
    document = json.loads(begun + texts[0])
    times = times_of([event for scene in document["scenes"] for event in scene["events"]])
    assert times[0] == (200, 210)
    assert all(start >= 200 for start, _ in times)


def test_a_beginning_that_breaks_the_schema_is_refused(tokenizer):
    with pytest.raises(WriterError, match="does not follow its schema"):
        constraints(tokenizer, [request(begun='{"nonsense": ')])


def test_media_tokens_are_never_written(model, tokenizer):
    rules = constraints(tokenizer, [request(thinking=True)])
    scores = rules.processors[0](torch.tensor([[5, 6]]), torch.zeros(1, len(tokenizer) + PADDING_ROWS))
    pads = tokenizer.convert_tokens_to_ids(["<|video_pad|>", "<|image_pad|>", "<|audio_pad|>"])
    assert torch.isinf(scores[0, pads]).all()
    assert torch.isinf(scores[0, len(tokenizer) :]).all()
    assert torch.isfinite(scores).any()


def test_a_model_that_goes_in_circles_is_stopped(model, tokenizer):
    rules = constraints(tokenizer, [request(num_tokens=4000), request(num_tokens=4000)])
    (words,), (quote,) = (tokenizer.encode(text) for text in ("a", "b"))
    rows = [tokenizer.encode('{"scenes": [{"location": "') for _ in range(2)]
    ids = torch.tensor([[1], [1]])
    stopped = torch.zeros(2, dtype=torch.bool)
    for step in range(110):
        rules.processors[0](ids, torch.zeros(2, len(tokenizer)))
        rest = (words, [words, quote, step % 7 + 70][step % 3] if step % 5 else quote)
        new = [rows[row][step] if step < len(rows[row]) else rest[row] for row in range(2)]
        ids = torch.cat([ids, torch.tensor(new)[:, None]], dim=1)
        stopped = rules.criteria[0](ids, None)
        if stopped.any():
            break
    assert stopped.tolist() == [True, False]
    assert rules.finish(0) == "cycle"
