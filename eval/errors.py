"""The exception tree of the benchmark: one base, closed, each with a stable ``code``, one sentence and one ``remedy``.

    EvalError
    ├── UnitsError             what is to be scored breaks the metrics' rules: times that run backwards, units out of order
    ├── ScoresError            scores that cannot be added or compared: of two judges, of unequal data sets, of no film
    ├── DatasetError           a folder is no data set, or a film of it cannot be cut
    ├── JudgeError             a judge answered something that is not a similarity; it never turns into a score
    │   └── JudgeAnswerError   a judge did not answer, or not readably; what was asked stays unjudged
    ├── JudgeSettingError      the environment does not name a judge that can be asked
    ├── FfmpegError            ffmpeg failed; whoever called it says over which file (DatasetError, EncodingError)
    └── WorldError             the film renderer
        ├── StoryError         a story cannot be told in that time or with that many people
        ├── MissingVoiceError  no speech synthesiser on this machine
        ├── MissingFontError   no font that has the letters of a subtitle
        └── EncodingError      the film could not be encoded

A document that is not a script is the script package's own error, :class:`omniscript_mam.script.ScriptValidationError`.
"""

from __future__ import annotations


class EvalError(Exception):
    """Base of every error raised by :mod:`eval`."""

    code = "eval"
    remedy = "Look at the message, then try again."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class UnitsError(EvalError, ValueError):
    """What is to be scored breaks the metrics' rules; the message names the unit by its index."""

    code = "eval.units"
    remedy = "Sort units by (start, end), each ending no earlier than it starts, all times finite."


class ScoresError(EvalError, ValueError):
    """Scores that cannot be added or compared."""

    code = "eval.scores"
    remedy = "Score the same films with the same judge."


class DatasetError(EvalError):
    """A folder is not a data set, or a film of it cannot be cut; the message says what is missing."""

    code = "eval.dataset"
    remedy = "Put NAME.gt.json beside each media file NAME.mp4 (any container)."


class JudgeError(EvalError):
    """A judge answered something that is not a similarity; the message names the pair."""

    code = "eval.judge"
    remedy = "Use another judge model, or report the pair."


class JudgeAnswerError(JudgeError):
    """A judge was asked and did not answer, or not so that it can be read: what was asked stays unjudged."""

    code = "eval.judge.answer"
    remedy = "Look at the judge's server, then run it again; what was answered is kept."


class JudgeSettingError(EvalError):
    """The environment does not name a judge that can be asked."""

    code = "eval.judge.setting"
    remedy = "Set OMNISCRIPT_JUDGE_URL and OMNISCRIPT_JUDGE_MODEL (and OMNISCRIPT_JUDGE_KEY, if the endpoint wants one)."


class FfmpegError(EvalError):
    """ffmpeg failed; the message is its last line."""

    code = "eval.ffmpeg"
    remedy = "Check that the file plays, and that the disk is not full."


class WorldError(EvalError):
    """Base of every error raised by :mod:`eval.world`."""

    code = "world"


class StoryError(WorldError, ValueError):
    """A story cannot be told as asked."""

    code = "world.story"
    remedy = "Ask for two to ten characters, and at least four seconds."


class MissingVoiceError(WorldError):
    """There is no speech synthesiser, or it failed."""

    code = "world.voice"
    remedy = "Install it with `pip install espeakng-loader` (or the system package espeak-ng)."


class MissingFontError(WorldError):
    """No font on this machine has the letters."""

    code = "world.font"
    remedy = "Install a font: the system packages fonts-dejavu-core (Latin) and fonts-noto-cjk (Chinese)."


class EncodingError(WorldError):
    """The film could not be encoded."""

    code = "world.encoding"
    remedy = "Install ffmpeg (the system's, or `pip install imageio-ffmpeg`) and check that the disk is not full."
