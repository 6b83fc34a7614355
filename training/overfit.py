"""Can the model learn at all? A tiny one is taught a handful of made films by heart (the sanity check before any real recipe).

    pupil = new_pupil(folder, lessons)
    teach(pupil, lessons)
    score(lessons, write(pupil, lessons)).events          # V2S overall, 1.0 when all is written back

Departures from the paper (section 5.2: alignment, pretraining, SFT, reinforcement learning), because memory is asked for and not
knowledge: random weights and a tokenizer made for these scripts instead of a pretrained model; one stage, in which every weight learns,
the ears too; no frames or subtitles masked, but some films shown without sound. docs/benchmarks.md has the figures.

Contents, in reading order: :class:`OverfitOptions`, :class:`Pupil`, :func:`new_pupil`, :func:`teach` (AdamW, teacher forcing, loss on the
answer alone), :func:`write` (real generation), :func:`read` (text → Script as a writer reads it), :func:`score` (V2S, lexical judge),
:func:`surprise` (nats of an answer).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from eval.inputs import from_script
from eval.score import Judges, ScriptScore, evaluate
from inference.answers.reading import read_script
from inference.answers.schema import ENVIRONMENT
from inference.errors import AnswerError
from inference.omniscript.modeling_omniscript import OmniScriptForConditionalGeneration
from inference.omniscript.processing_omniscript import OmniScriptProcessor
from inference.omniscript.random_model import random_model
from omniscript_mam.script import ENVIRONMENT_ID, EVENT_FIELDS, SCENE_FIELDS, Character, Event, Meta, Scene, Script

from .films import DIALOGUES, DURATION_S, Lesson, muted

PROMPT = "Write the script."
IGNORED = -100
"""Label of what carries no loss (transformers' own)."""


@dataclass(frozen=True)
class OverfitOptions:
    """How the model is made and taught; chosen by trial on the eight films of :mod:`.films`, 0.6 M weights, one core.

    Attributes:
        num_steps: 170 bring every field to 100 in 80 s (docs/benchmarks.md).
        learning_rate: of the plateau. betas: of AdamW; there is no weight decay.
        num_warmup_steps: linear.
        max_grad_norm: longer gradients are cut to this length.
        window_s: what the audio encoder hears at once; Whisper's own 30 s would be silence for the most part, and the most costly part of
            a step.
        audio_tokens_per_s: resolution of what is heard.
        seed: of the weights.
    """

    num_steps: int = 170
    learning_rate: float = 3e-3
    betas: tuple[float, float] = (0.9, 0.95)
    num_warmup_steps: int = 10
    max_grad_norm: float = 1.0
    window_s: int = 10
    audio_tokens_per_s: int = 5
    seed: int = 0

    def rate(self, step: int) -> float:
        """The share of the learning rate at a step: warm-up, a plateau, and a cosine down to a twentieth in the last quarter."""
        down = max(0.0, 4 * step / self.num_steps - 3)
        return min(1.0, (step + 1) / self.num_warmup_steps) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * down)))


@dataclass(frozen=True)
class Pupil:
    """A model and its processor."""

    model: OmniScriptForConditionalGeneration
    processor: OmniScriptProcessor

    def inputs(self, lessons: Sequence[Lesson], answers: Sequence[str] | None = None) -> dict[str, torch.Tensor]:
        """A left-padded batch: the question, and after it the answer with its end where one is given."""
        shown = [lesson.frames is not None or lesson.sound is not None for lesson in lessons]
        asked = [self.processor.chat("", PROMPT, has_clip) for has_clip in shown]
        end = self.processor.tokenizer.eos_token
        return self.processor.clips(
            [question + answer + end for question, answer in zip(asked, answers, strict=True)] if answers else asked,
            [lesson.frames for lesson in lessons],
            [lesson.sound for lesson in lessons],
            [0.0] * len(lessons),
            [DURATION_S] * len(lessons),
        )

    def answer_tokens(self, answer: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The answer's tokens, its end included, and where in the text each stands."""
        tokenizer = self.processor.tokenizer
        tokens = tokenizer(answer + tokenizer.eos_token, add_special_tokens=False, return_offsets_mapping=True)
        return tokens["input_ids"], tokens["offset_mapping"]


def new_pupil(folder: Path, lessons: Sequence[Lesson], options: OverfitOptions | None = None) -> Pupil:
    """A model with random weights in this folder, whose tokenizer was made for these scripts."""
    options = options or OverfitOptions()
    torch.manual_seed(options.seed)
    random_model(
        folder,
        "learner",
        seed=options.seed,
        corpus=[*(lesson.answer for lesson in lessons), *(f"<{t}.2 seconds>" for t in range(8))],
        window_s=options.window_s,
        audio_tokens_per_second=options.audio_tokens_per_s,
    )
    pupil = Pupil(OmniScriptForConditionalGeneration.from_pretrained(folder), OmniScriptProcessor.from_pretrained(folder))
    _open_ears(pupil.model, options.seed)
    return pupil


def _open_ears(model: OmniScriptForConditionalGeneration, seed: int) -> None:
    """Projectors of the sound whose weights are of the size of their inputs, but for the last of each adapter, which stays at zero.

    transformers starts all weights at 0.02, which fits wide models: at a width of 64 the audio tokens of two films then differ by
    less than a hundredth of a word's embedding.
    """
    torch.manual_seed(seed)
    for module in model.model.audio_projectors.modules():
        if isinstance(module, torch.nn.Linear) and module.weight.any():
            module.reset_parameters()


def teach(
    pupil: Pupil,
    lessons: Sequence[Lesson],
    options: OverfitOptions | None = None,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> float:
    """Show every film at every step, and one version of each story once more without its sound, in turn.

    The silent ones make a fair comparison: the model knows films without sound, and what to write where it hears nothing.

    Args:
        report: told the step (from 0) and its loss, nats a token.

    Returns:
        The last loss.
    """
    options = options or OverfitOptions()
    batches = [_batch(pupil, [*lessons, *map(muted, lessons[turn :: len(DIALOGUES)])]) for turn in range(len(DIALOGUES))]
    pupil.model.train()
    optimizer = torch.optim.AdamW(pupil.model.parameters(), lr=options.learning_rate, betas=options.betas, weight_decay=0.0)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, options.rate)
    loss = math.inf
    for step in range(options.num_steps):
        tensor = pupil.model(**batches[step % len(batches)]).loss
        tensor.backward()
        torch.nn.utils.clip_grad_norm_(pupil.model.parameters(), options.max_grad_norm)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        loss = float(tensor.item())
        report(step, loss)
    pupil.model.eval()
    return loss


def _batch(pupil: Pupil, lessons: Sequence[Lesson]) -> dict[str, torch.Tensor]:
    """Questions with their answers, and labels on the answers alone."""
    inputs = pupil.inputs(lessons, [lesson.answer for lesson in lessons])
    labels = torch.full_like(inputs["input_ids"], IGNORED)
    for row, lesson in enumerate(lessons):
        count = len(pupil.answer_tokens(lesson.answer)[0])
        labels[row, -count:] = inputs["input_ids"][row, -count:]
    return {**inputs, "labels": labels}


@torch.inference_mode()
def write(pupil: Pupil, lessons: Sequence[Lesson], max_new_tokens: int = 400) -> list[str]:
    """What the model writes about each film, greedily."""
    inputs = pupil.inputs(lessons)
    written = pupil.model.generate(**inputs, do_sample=False, max_new_tokens=max_new_tokens)
    return pupil.processor.tokenizer.batch_decode(written[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def read(text: str) -> Script | None:
    """The script in a model's text, ``None`` where it cannot be read. A scene lasts from its first event to the next scene's."""
    try:
        answer = read_script(text, DURATION_S).answer
    except AnswerError:
        return None
    told = [scene for scene in answer.scenes if scene.events]
    starts = [scene.events[0].start for scene in told]
    names = list(dict.fromkeys(event.character for event in answer.events() if event.character != ENVIRONMENT))
    ids = {ENVIRONMENT: ENVIRONMENT_ID, **{name: f"char_{number + 1:03d}" for number, name in enumerate(names)}}
    scenes = []
    for number, (scene, start_s, end_s) in enumerate(zip(told, starts, [*starts[1:], DURATION_S], strict=True)):
        events = [
            Event(
                id=f"e{number}-{place}",
                start_s=event.start,
                end_s=event.end,
                character_id=ids[event.character],
                **{key: getattr(event, key) for key in EVENT_FIELDS},
            )
            for place, event in enumerate(scene.events)
        ]
        about = {key: getattr(scene, key) for key in SCENE_FIELDS if getattr(scene, key)}
        scenes.append(Scene(id=f"s{number}", start_s=start_s, end_s=end_s, events=events, **about))
    people = [Character(id=ids[name], name=name, named=True) for name in names]
    return Script(meta=Meta(duration_s=DURATION_S), characters=people, scenes=scenes)


@dataclass(frozen=True)
class Result:
    """V2S of all films together, and how many answers could not be read (they count as empty scripts)."""

    score: ScriptScore
    num_unreadable: int

    @property
    def events(self) -> float:
        return self.score.events.overall

    @property
    def scenes(self) -> float:
        return self.score.scenes.overall

    @property
    def dialogue(self) -> float:
        return self.score.events.fields["dialogue"].f1


def score(lessons: Sequence[Lesson], texts: Sequence[str]) -> Result:
    """V2S of the texts against the films' own scripts, edit distance as the judge of every field."""
    scripts = [read(text) for text in texts]
    judges = Judges.lexical()
    parts = [
        evaluate(from_script(lesson.script), from_script(script or Script()), judges)
        for lesson, script in zip(lessons, scripts, strict=True)
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return Result(total, scripts.count(None))


@torch.inference_mode()
def surprise(pupil: Pupil, lessons: Sequence[Lesson]) -> float:
    """Nats of a whole answer, mean over the films.

    For films that are shown alike and differ in their answers it is at least ln(number of versions), whatever the model.
    """
    batch = _batch(pupil, lessons)
    labels = batch.pop("labels")[:, 1:]
    logits = pupil.model(**batch).logits[:, :-1].float()
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum").item() / len(
        lessons
    )
