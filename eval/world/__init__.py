"""The film renderer: a Script in, a film out with drawn people, places, light, speech and sound, and its exact reference.

It makes footage whose truth is known, for the demo, the tests, the benchmark and training.
"""

from eval.errors import EncodingError, MissingFontError, MissingVoiceError, WorldError

from .rendering import render
from .story import story
from .two_hander import two_hander

__all__ = ["EncodingError", "MissingFontError", "MissingVoiceError", "WorldError", "render", "story", "two_hander"]
