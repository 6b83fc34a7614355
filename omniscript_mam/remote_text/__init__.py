"""The one client of text models behind an OpenAI-compatible address; writers and judges both ask by it, each with its own errors.

abort      one thread ends what others wait for
clock      an attempt's deadlines, which hold whatever the server sends
payloads   the JSON objects of an answer, and a server's words about a refusal
troubles   what went wrong with an attempt: may another one work, or is the server away, or is it hopeless
asking     attempts, waits, and the end of patience
"""

from .abort import Abort
from .asking import Address, Refusal, RemoteText, Waits
from .payloads import BrokenAnswerError
from .troubles import Trouble

__all__ = ["Abort", "Address", "BrokenAnswerError", "Refusal", "RemoteText", "Trouble", "Waits"]
