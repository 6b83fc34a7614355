"""The environment: every variable that inference reads, in this one place.

Problem: a variable that is read where it is needed is a setting nobody can list. So nothing else in the package looks at
``os.environ``: whoever needs a value takes it from :func:`read_environment`, and the README's table is made from the fields here. The
environment is read anew at each call (a test or a worker may change it). A value is judged by whoever uses it where a wrong one must
stop only that: the options of the local model are given as they stand.

Contents: :class:`Environment`, :func:`read_environment`, :class:`Variable`, :func:`variables` (for the table), :func:`variable_of`
(for messages), :func:`secret`, :func:`handed_on` and :func:`with_changes` (for child processes). Standard library only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path


@dataclass(frozen=True)
class Variable:
    """One environment variable as a user reads of it: its name, what holds where it is unset, what it means."""

    name: str
    default: str
    meaning: str


def _variable(name: str, default: str, meaning: str) -> dict[str, Variable]:
    return {"variable": Variable(name, default, meaning)}


@dataclass(frozen=True)
class Environment:
    """What the environment says, in the types that the package works with; "" and None: unset."""

    models_dir: Path | None = field(metadata=_variable("OMNISCRIPT_MODELS_DIR", "`~/.cache/omniscript/models`", "where model weights are"))
    cache_dir: Path = field(
        metadata=_variable("XDG_CACHE_HOME", "`~/.cache`", "folder above `omniscript/`, which holds what can be fetched again")
    )
    num_threads: int = field(metadata=_variable("OMNISCRIPT_THREADS", "all cores", "threads of the recogniser, and of the local model"))
    num_vision_threads: int = field(metadata=_variable("OMNISCRIPT_VISION_THREADS", "1", "threads of each of the small networks that see"))
    torch_threads: int | None = field(
        metadata=_variable("OMP_NUM_THREADS", "unset", "threads of numerical libraries; where it is set, the local model keeps to it")
    )
    endpoints_file: Path | None = field(
        metadata=_variable("OMNISCRIPT_ENDPOINTS", "none", "TOML file of remote models that may write scripts")
    )
    model_path: str = field(
        metadata=_variable("OMNISCRIPT_MODEL_PATH", "`omniscript` in the models folder", "folder of the local OmniScript model")
    )
    model_dtype: str = field(
        metadata=_variable(
            "OMNISCRIPT_MODEL_DTYPE",
            "`auto`",
            "`auto`, `bfloat16`, `float16` or `float32` (auto: bfloat16 where the GPU has it, float32 on a processor)",
        )
    )
    model_attention: str = field(metadata=_variable("OMNISCRIPT_MODEL_ATTENTION", "`sdpa`", "`sdpa`, `eager` or `flash_attention_2`"))
    model_device_map: str = field(
        metadata=_variable(
            "OMNISCRIPT_MODEL_DEVICE_MAP",
            "the GPUs there are",
            "a device (`cuda:1`, `cpu`), `auto` (over all GPUs), or a JSON object {module: device}",
        )
    )
    model_quantization: str = field(
        metadata=_variable(
            "OMNISCRIPT_MODEL_QUANTIZATION",
            "none",
            "`int8`, `int4` (bitsandbytes), `quanto-int8`, `quanto-int4`, `fp8`, or the JSON object of a quantisation config",
        )
    )
    model_batch_size: str = field(
        metadata=_variable("OMNISCRIPT_MODEL_BATCH_SIZE", "4 on a GPU, 1 without", "segments that the local model writes at once")
    )
    model_max_clip_s: str = field(
        metadata=_variable(
            "OMNISCRIPT_MODEL_MAX_CLIP_S", "300", "longest clip in one question, in seconds; one pass over longer films needs more"
        )
    )


def read_environment() -> Environment:
    """What the environment says now. A number of threads that is no positive whole number counts as unset."""
    threads = _whole_number("OMNISCRIPT_THREADS")
    return Environment(
        models_dir=_path("OMNISCRIPT_MODELS_DIR"),
        cache_dir=(_path("XDG_CACHE_HOME") or Path.home() / ".cache") / "omniscript",
        num_threads=threads or _num_processors(),
        num_vision_threads=_whole_number("OMNISCRIPT_VISION_THREADS") or 1,
        torch_threads=None if _text("OMP_NUM_THREADS") else threads,
        endpoints_file=_path("OMNISCRIPT_ENDPOINTS"),
        model_path=_text("OMNISCRIPT_MODEL_PATH"),
        model_dtype=_text("OMNISCRIPT_MODEL_DTYPE"),
        model_attention=_text("OMNISCRIPT_MODEL_ATTENTION"),
        model_device_map=_text("OMNISCRIPT_MODEL_DEVICE_MAP"),
        model_quantization=_text("OMNISCRIPT_MODEL_QUANTIZATION"),
        model_batch_size=_text("OMNISCRIPT_MODEL_BATCH_SIZE"),
        model_max_clip_s=_text("OMNISCRIPT_MODEL_MAX_CLIP_S"),
    )


def variables() -> tuple[Variable, ...]:
    """Every variable, in the order of the table."""
    return tuple(each.metadata["variable"] for each in fields(Environment))


def variable_of(name: str) -> str:
    """The variable behind a field of :class:`Environment`, for messages that tell the user what to set."""
    return next(each.metadata["variable"].name for each in fields(Environment) if each.name == name)


def secret(name: str) -> str:
    """The value of a variable that a configuration file names (a service's key), or "". It stands in no field, so it is never printed."""
    return _text(name)


def handed_on(*names: str) -> dict[str, str]:
    """The variables of these names, as far as they are set: for a child process that is to see nothing else."""
    return {name: os.environ[name] for name in names if name in os.environ}


def with_changes(**changes: str) -> dict[str, str]:
    """The whole environment with some variables changed: for a child process that is trusted."""
    return {**os.environ, **changes}


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()


def _path(name: str) -> Path | None:
    named = _text(name)
    return Path(named).expanduser() if named else None


def _whole_number(name: str) -> int | None:
    named = _text(name)
    return int(named) if named.isdecimal() and int(named) > 0 else None


def _num_processors() -> int:
    """Those that this process may run on; a container may have fewer than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
