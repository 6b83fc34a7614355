"""The OmniScript model (paper, section 5.1) in transformers' conventions: configuration, model, processor, and how to build one.

Importing this loads nothing heavy: a name is looked up when it is first asked for, and then needs the extra ``local`` (torch,
transformers). The modules register themselves with transformers' Auto classes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .configuration_omniscript import OmniScriptConfig
    from .modeling_omniscript import OmniScriptForConditionalGeneration, OmniScriptModel
    from .processing_omniscript import OmniScriptProcessor

__all__ = ["OmniScriptConfig", "OmniScriptForConditionalGeneration", "OmniScriptModel", "OmniScriptProcessor"]

_PLACES = {
    "OmniScriptConfig": "configuration_omniscript",
    "OmniScriptForConditionalGeneration": "modeling_omniscript",
    "OmniScriptModel": "modeling_omniscript",
    "OmniScriptProcessor": "processing_omniscript",
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
