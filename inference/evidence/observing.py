"""Ears and eyes side by side on one stretch of film. Contents: :func:`observe`; models are imported only when they are to work."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from inference.film import Film, Report, no_report

from .extras import small_models
from .kept import KeptEvidence, subtitles_between
from .observed import AudioEvidence, Evidence, Outline, VisualEvidence
from .spans import Span, clip_spans


def observe(
    film: Film, start_s: float, end_s: float, outline: Outline | None = None, *, keep: bool = False, report: Report = no_report
) -> Evidence:
    """What is heard and seen between two times of a film: kept evidence that covers them, or observed now.

    The same film, stretch and outline give the same evidence: nothing is guessed at random, and no model keeps a state between calls.

    Args:
        outline: what is known of the whole film; shots, spoken languages and subtitles are taken from it. Without one the shots are the
            spool's, and each window's language is guessed where the user named none.
        keep: keep what is observed now in the film's work folder, so that nobody observes it again.

    Raises:
        WeightsError: a model is not on this machine. MissingProgramError: a package is not.
    """
    kept = KeptEvidence(film.workdir)
    before = kept.find(start_s, end_s)
    if before is not None:
        return before
    shots = clip_spans((outline.shots if outline is not None else []) or film.spool.shots(), start_s, end_s)
    report(0.0, "listening and looking")
    with small_models(), ThreadPoolExecutor(max_workers=2, thread_name_prefix="observe") as pool:
        hearing = pool.submit(_hear, film, start_s, end_s, outline)
        seeing = pool.submit(_see, film, start_s, end_s, shots)
        audio = hearing.result()
        report(0.5, f"{len(audio.lines)} lines heard")
        visual = seeing.result()
        models = _models(film)
    subtitles = subtitles_between(outline.subtitles, start_s, end_s) if outline is not None else []
    evidence = Evidence(start_s=start_s, end_s=end_s, shots=shots, audio=audio, visual=visual, subtitles=subtitles, models=models)
    if keep:
        kept.keep(evidence)
    report(1.0, "observed")
    return evidence


def _hear(film: Film, start_s: float, end_s: float, outline: Outline | None) -> AudioEvidence:
    if not film.spool.has_audio:
        return AudioEvidence()
    from .hearing.hear import hear

    return hear(film, start_s, end_s, outline)


def _see(film: Film, start_s: float, end_s: float, shots: Sequence[Span]) -> VisualEvidence:
    if not film.spool.has_video:
        return VisualEvidence()
    from .seeing.see import see

    return see(film, start_s, end_s, shots)


def _models(film: Film) -> dict[str, str]:
    """Name and version of every model that contributes to this film."""
    versions: dict[str, str] = {}
    if film.spool.has_audio:
        from .hearing import hear

        versions.update(hear.models(film))
    if film.spool.has_video:
        from .seeing import see

        versions.update(see.models())
    return dict(sorted(versions.items()))
