"""Make an OmniScript folder from two base checkpoints: Qwen3-VL sees and writes, Whisper's encoder hears; what joins them is fresh.

Weights go from file to file, one file at a time, so that building the 8B shape takes the memory of one shard and not of a model. With
the authors' release, its weights (by :mod:`.state_dicts`) replace those of the bases. The output appears whole or not at all.

Contents: :func:`build_folder`, :class:`Built`. Units: bytes.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoTokenizer, Qwen3VLConfig, WhisperConfig, WhisperFeatureExtractor

from inference.errors import WeightsError

from .configuration_omniscript import OmniScriptConfig
from .modeling_omniscript import OmniScriptAudioProjectors, OmniScriptForConditionalGeneration
from .processing_omniscript import AUDIO_TOKEN, OmniScriptProcessor
from .state_dicts import AUTHORS_MAPPING, NameMapping

Report = Callable[[float, str], None]
FRESH = "model.audio_projectors."
"""Weights that no base checkpoint has."""


@dataclass(frozen=True)
class Built:
    """What became of a build: how many weights came from where, and which are ``fresh`` (untrained) or ``ignored`` (of the release)."""

    folder: Path
    num_bytes: int
    sources: dict[str, int]
    fresh: tuple[str, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Weight:
    """Where a weight is now, and what it weighs."""

    source: str
    file: Path
    name: str
    shape: tuple[int, ...]
    num_bytes: int


def build_folder(
    vision_language: Path,
    audio: Path,
    output: Path,
    *,
    release: Path | None = None,
    mapping: Path = AUTHORS_MAPPING,
    report: Report = lambda share, message: None,
) -> Built:
    """Build ``output`` from a Qwen3-VL folder and a Whisper folder.

    Args:
        release: folder of the authors' release, whose weights come first; what it lacks is taken from the bases.
        mapping: how its weights are called.

    Raises:
        WeightsError: a folder is missing or of another model, the parts do not fit, the output exists or does not fit on the disk.
    """
    _check_folder(vision_language, "qwen3_vl", "Qwen3-VL")
    _check_folder(audio, "whisper", "Whisper")
    if output.exists():
        raise WeightsError(f"{output} exists already.", remedy="Give another --output, or move that folder away.")
    processor, config = _joined(vision_language, audio)
    with torch.device("meta"):
        model = OmniScriptForConditionalGeneration(config)
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    if config.tie_word_embeddings:
        wanted.pop("lm_head.weight", None)
    weights = {name: weight for name, weight in _weights(vision_language, "vision-language").items() if name in wanted}
    for name, weight in _weights(audio, "audio").items():
        inner = name.removeprefix("model.")
        if inner.startswith("encoder."):
            weights[f"model.audio_encoder.{inner.removeprefix('encoder.')}"] = weight
    ignored = _take_release(release, mapping, weights, wanted) if release else []
    _check_shapes(weights, wanted)
    fresh = _fresh(model, config, [name for name in wanted if name not in weights])
    num_bytes = sum(weight.num_bytes for weight in weights.values()) + sum(t.nbytes for t in fresh.values())
    _check_space(output, num_bytes)
    partial = output.with_name(f".{output.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        config.architectures = [OmniScriptForConditionalGeneration.__name__]
        config.save_pretrained(partial)
        processor.save_pretrained(partial)
        if (vision_language / "generation_config.json").is_file():
            shutil.copy(vision_language / "generation_config.json", partial)
        _write(partial, weights, fresh, config.dtype, num_bytes, report)
        partial.rename(output)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sources = Counter(weight.source for weight in weights.values())
    return Built(output, num_bytes, dict(sources), tuple(sorted(fresh)), tuple(ignored))


def _check_folder(folder: Path, model_type: str, title: str) -> None:
    try:
        declared = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise WeightsError(f"{folder} is not a model folder: config.json cannot be read.", remedy=f"Name a {title} folder.") from error
    if declared != model_type:
        raise WeightsError(f"{folder} holds a {declared!r} model, not {title} ({model_type!r}).", remedy=f"Name a {title} folder.")


def _joined(vision_language: Path, audio: Path) -> tuple[OmniScriptProcessor, OmniScriptConfig]:
    """Processor and configuration of the two together."""
    seeing, hearing = Qwen3VLConfig.from_pretrained(vision_language), WhisperConfig.from_pretrained(audio)
    extractor = WhisperFeatureExtractor.from_pretrained(audio)
    if extractor.feature_size != hearing.num_mel_bins:
        raise WeightsError(
            f"{audio}: the feature extractor makes {extractor.feature_size} mel bins, but the encoder takes {hearing.num_mel_bins}.",
            remedy="Take config.json and preprocessor_config.json from the same Whisper checkpoint.",
        )
    if extractor.nb_max_frames != 2 * hearing.max_source_positions:
        raise WeightsError(
            f"{audio}: a window has {extractor.nb_max_frames} frames, but the encoder takes {2 * hearing.max_source_positions}.",
            remedy="Take config.json and preprocessor_config.json from the same Whisper checkpoint.",
        )
    tokenizer = AutoTokenizer.from_pretrained(vision_language)
    if AUDIO_TOKEN not in tokenizer.get_vocab():
        tokenizer.add_special_tokens({"additional_special_tokens": [AUDIO_TOKEN]}, replace_extra_special_tokens=False)
    token_id = tokenizer.convert_tokens_to_ids(AUDIO_TOKEN)
    num_rows = seeing.text_config.vocab_size
    if token_id >= num_rows:
        raise WeightsError(
            f"The vocabulary of {vision_language} is full: {num_rows} rows, and the audio token would be number {token_id}.",
            remedy="Take a checkpoint with spare rows, as the published Qwen3-VL ones have.",
        )
    fields = {key: value for key, value in seeing.to_dict().items() if key not in {"model_type", "architectures", "transformers_version"}}
    fields["dtype"] = seeing.dtype or seeing.text_config.dtype or torch.float32
    config = OmniScriptConfig(**fields, audio_config=hearing, audio_token_id=token_id)
    pictures, template = _pictures(vision_language), tokenizer.chat_template or _old_template(vision_language)
    rate = config.audio_tokens_per_second
    return OmniScriptProcessor(extractor, tokenizer, chat_template=template, pictures=pictures, audio_tokens_per_second=rate), config


def _pictures(folder: Path) -> dict[str, Any]:
    """How the checkpoint wants pictures cut, from whichever file says so; empty for the defaults."""
    said: dict[str, Any] = {}
    for name in ("video_preprocessor_config.json", "processor_config.json"):
        if (folder / name).is_file():
            data = json.loads((folder / name).read_text(encoding="utf-8"))
            said = data.get("video_processor", data) or said
    fields: dict[str, Any] = {key: said[key] for key in ("patch_size", "temporal_patch_size", "merge_size") if key in said}
    fields |= {ours: said[theirs] for ours, theirs in (("mean", "image_mean"), ("std", "image_std")) if theirs in said}
    size = said.get("size") or {}
    return fields | {ours: size[key] for ours, key in (("min_pixels", "shortest_edge"), ("max_pixels", "longest_edge")) if size.get(key)}


def _old_template(folder: Path) -> str | None:
    path = folder / "chat_template.json"
    return json.loads(path.read_text(encoding="utf-8"))["chat_template"] if path.is_file() else None


def _weights(folder: Path, source: str) -> dict[str, _Weight]:
    """Every weight of the folder's safetensors files; only their headers are read."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise WeightsError(f"{folder} holds no safetensors files.", remedy="Get the checkpoint in the safetensors format.")
    weights = {}
    for file in files:
        with safe_open(file, "pt") as opened:
            for name in opened.keys():  # noqa: SIM118 - not a dictionary
                part = opened.get_slice(name)
                shape = tuple(part.get_shape())
                num_bytes = torch.Size(shape).numel() * _ITEM_BYTES.get(part.get_dtype(), 4)
                weights[name] = _Weight(source, file, name, shape, num_bytes)
    return weights


_ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}


def _take_release(release: Path, mapping: Path, weights: dict[str, _Weight], wanted: dict[str, tuple[int, ...]]) -> list[str]:
    """Put the release's weights in the place of the bases'; gives the names that are ignored on purpose."""
    theirs = _weights(release, "release")
    renamed = NameMapping.read(mapping).rename(theirs)
    strange = renamed.unmapped + [f"{name} (as {ours})" for ours, name in renamed.names.items() if ours not in wanted]
    if strange:
        raise WeightsError(
            f"{len(strange)} weights of {release} have no place in the model: {_some(strange)}.", remedy=f"Add rules for them to {mapping}."
        )
    lacking = [name for name in wanted if name.startswith(FRESH) and name not in renamed.names]
    if lacking:
        raise WeightsError(
            f"{release} lacks {len(lacking)} audio weights that no base has: {_some(lacking)}.",
            remedy=f"Check the rules in {mapping}, and that the release is complete.",
        )
    weights.update({ours: theirs[name] for ours, name in renamed.names.items()})
    return renamed.ignored


def _check_shapes(weights: dict[str, _Weight], wanted: dict[str, tuple[int, ...]]) -> None:
    missing = [name for name in wanted if name not in weights and not name.startswith(FRESH)]
    if missing:
        raise WeightsError(f"{len(missing)} weights are in neither checkpoint: {_some(missing)}.", remedy="Get the checkpoint again.")
    wrong = [f"{name} {weights[name].shape} instead of {shape}" for name, shape in wanted.items()
             if name in weights and weights[name].shape != shape]  # fmt: skip
    if wrong:
        raise WeightsError(f"{len(wrong)} weights have another shape: {_some(wrong)}.", remedy="config.json and weights belong together.")


def _fresh(model: OmniScriptForConditionalGeneration, config: OmniScriptConfig, names: list[str]) -> dict[str, torch.Tensor]:
    """The untrained weights, begun as the model class begins them; always the same ones."""
    if not names:
        return {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = OmniScriptAudioProjectors(config)
        for module in made.modules():
            model._init_weights(module)
    return {FRESH + name: t.detach().to(config.dtype) for name, t in made.state_dict().items() if FRESH + name in names}


def _check_space(output: Path, num_bytes: int) -> None:
    parent = next(folder for folder in output.absolute().parents if folder.exists())
    free = shutil.disk_usage(parent).free
    if free < num_bytes * 1.02:
        raise WeightsError(
            f"{output} needs {num_bytes / 1e9:.1f} GB, but only {free / 1e9:.1f} GB are free.",
            remedy="Free some, or give another --output.",
        )


def _write(
    folder: Path, weights: dict[str, _Weight], fresh: dict[str, torch.Tensor], dtype: torch.dtype, num_bytes: int, report: Report
) -> None:
    """One output file for each input file, and an index."""
    by_file: dict[Path, dict[str, _Weight]] = defaultdict(dict)
    for ours, weight in weights.items():
        by_file[weight.file][ours] = weight
    num_files, done = len(by_file) + bool(fresh), 0
    index: dict[str, str] = {}
    parts: list[tuple[Path | None, dict[str, _Weight]]] = [*by_file.items()]
    for number, (file, members) in enumerate([*parts, *([(None, {})] if fresh else [])], 1):
        name = f"model-{number:05d}-of-{num_files:05d}.safetensors"
        report(done / num_bytes, f"weights {number} of {num_files}")
        if file is None:
            tensors = fresh
        else:
            with safe_open(file, "pt") as opened:
                tensors = {ours: opened.get_tensor(weight.name).to(dtype) for ours, weight in members.items()}
        save_file(tensors, folder / name, metadata={"format": "pt"})
        index |= dict.fromkeys(tensors, name)
        done += sum(weight.num_bytes for weight in members.values())
    data = {"metadata": {"total_size": num_bytes}, "weight_map": index}
    (folder / "model.safetensors.index.json").write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    report(1.0, "done")


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
