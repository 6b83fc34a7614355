"""The paper's own rows (Tables 1 to 5): F1 and tIoU@0.1, times 100. They are printed beside ours, always marked as the paper's."""

from __future__ import annotations

from dataclasses import dataclass

EVENT_COLUMNS = ("Char.", "Dia.", "Act.", "Exp.", "Aud.", "Overall", "tIoU@0.1")
SCENE_COLUMNS = ("Loc.", "Type", "Env.", "Time", "Mood", "Overall", "tIoU@0.1")


@dataclass(frozen=True)
class PaperRow:
    """One system: billions of parameters ("total/active"), whether it hears, and the seven figures. ``note`` tells the variants apart."""

    system: str
    parameters: str
    hears: bool
    figures: tuple[float, ...]
    note: str = ""


TABLE_1 = (
    PaperRow("Gemini-3-flash", "", True, (28.8, 50.3, 28.2, 25.5, 11.2, 28.8, 44.3)),
    PaperRow("Gemini-3-pro", "", True, (39.8, 68.8, 37.4, 35.4, 13.3, 38.9, 64.4)),
    PaperRow("Gemini-2.5-flash", "", True, (40.1, 75.5, 42.8, 36.5, 22.8, 43.6, 74.3)),
    PaperRow("Gemini-2.5-pro", "", True, (41.7, 75.0, 41.9, 39.0, 17.0, 42.9, 73.4)),
    PaperRow("Seed-1.8", "", False, (40.9, 54.4, 35.1, 29.6, 12.4, 34.5, 50.7)),
    PaperRow("Seed-2.0-pro", "", False, (47.4, 68.1, 42.9, 35.7, 10.3, 40.9, 67.1)),
    PaperRow("MiniCPM-O-4.5†", "9", True, (26.7, 59.1, 32.3, 23.4, 17.7, 31.8, 54.7)),
    PaperRow("TimeChat-Captioner†", "8", True, (31.2, 36.8, 36.2, 31.8, 25.4, 32.3, 64.0)),
    PaperRow("Qwen3-Omni-T", "30/3", True, (3.2, 3.5, 3.8, 6.8, 2.3, 3.9, 3.0)),
    PaperRow("Qwen3-Omni", "30/3", True, (4.9, 3.4, 5.5, 7.3, 4.4, 5.1, 12.8)),
    PaperRow("MiniCPM-O-4.5", "9", True, (3.1, 8.0, 2.9, 3.2, 2.4, 3.9, 3.2)),
    PaperRow("TimeChat-Captioner", "8", True, (6.9, 6.9, 6.6, 9.7, 8.2, 7.7, 16.1)),
    PaperRow("Qwen3VL", "8", False, (30.4, 49.6, 26.9, 25.3, 6.6, 27.7, 47.6)),
    PaperRow("Qwen3VL-T", "32", False, (24.4, 37.5, 22.1, 18.9, 7.0, 22.0, 34.6)),
    PaperRow("Qwen3VL", "32", False, (37.1, 57.1, 31.3, 28.7, 7.2, 32.3, 52.5)),
    PaperRow("Qwen3VL-T", "235/22", False, (35.7, 57.6, 27.4, 23.9, 6.5, 30.2, 54.8)),
    PaperRow("Qwen3VL", "235/22", False, (38.1, 58.6, 33.0, 29.1, 6.0, 33.0, 62.0)),
    PaperRow("OmniScript", "8", True, (39.2, 72.2, 33.7, 31.9, 11.6, 37.7, 69.3)),
)
"""Events, 5-minute videos."""

TABLE_2 = (
    PaperRow("Gemini-3-flash", "", True, (54.6, 59.8, 42.7, 54.9, 50.4, 52.5, 70.3)),
    PaperRow("Gemini-3-pro", "", True, (58.8, 63.1, 46.9, 61.6, 54.8, 57.0, 75.3)),
    PaperRow("Gemini-2.5-flash", "", True, (52.8, 57.1, 45.7, 56.1, 50.3, 52.3, 69.6)),
    PaperRow("Gemini-2.5-pro", "", True, (56.6, 62.4, 50.8, 60.1, 54.6, 56.9, 74.1)),
    PaperRow("Seed-1.8", "", False, (57.9, 58.6, 47.7, 58.7, 52.8, 55.1, 74.0)),
    PaperRow("Seed-2.0-pro", "", False, (57.7, 62.2, 49.2, 62.7, 54.3, 57.2, 75.5)),
    PaperRow("MiniCPM-O-4.5†", "9", True, (39.9, 51.7, 34.7, 45.2, 43.8, 43.1, 63.4)),
    PaperRow("TimeChat-Captioner†", "8", True, (47.3, 55.5, 41.8, 47.1, 48.4, 48.0, 69.6)),
    PaperRow("Qwen3-Omni", "30/3", True, (18.4, 26.0, 14.6, 23.6, 22.4, 21.0, 29.6)),
    PaperRow("MiniCPM-O-4.5", "9", True, (10.3, 22.0, 8.4, 17.7, 17.4, 15.1, 32.0)),
    PaperRow("TimeChat-Captioner", "8", True, (19.9, 29.5, 17.3, 28.8, 30.5, 25.2, 46.6)),
    PaperRow("Qwen3VL", "8", False, (41.3, 49.7, 31.8, 39.8, 41.7, 40.9, 60.6)),
    PaperRow("Qwen3VL", "32", False, (50.4, 58.7, 42.7, 55.4, 47.9, 51.0, 71.1)),
    PaperRow("Qwen3VL", "235/22", False, (52.6, 60.2, 45.4, 57.9, 50.9, 53.4, 72.8)),
    PaperRow("OmniScript", "8", True, (54.0, 58.4, 41.9, 58.1, 49.5, 52.4, 74.6)),
)
"""Scenes, 5-minute videos."""

TABLE_3 = (
    PaperRow("SFT", "8", True, (35.6, 68.2, 30.5, 31.2, 11.12, 35.3, 66.6), "no thinking"),
    PaperRow("SFT", "8", True, (37.8, 71.0, 33.5, 31.2, 11.5, 37.0, 68.9), "thinking"),
    PaperRow("SFT+RL", "8", True, (37.1, 70.9, 32.8, 32.5, 11.7, 37.0, 69.0), "no thinking, segmented reward"),
    PaperRow("SFT+RL", "8", True, (39.2, 69.0, 32.4, 31.8, 12.3, 37.0, 68.7), "thinking, global reward"),
    PaperRow("SFT+RL", "8", True, (39.2, 72.2, 33.7, 31.9, 11.6, 37.7, 69.3), "thinking, segmented reward"),
)
"""Training strategy."""

TABLE_4 = (
    PaperRow("Qwen3VL-235B-A22B", "235/22", False, (38.1, 58.6, 33.0, 29.1, 6.0, 33.0, 62.0), "subtitles visible"),
    PaperRow("Qwen3VL-235B-A22B", "235/22", False, (26.2, 7.7, 29.8, 23.5, 6.0, 18.6, 45.1), "subtitles masked"),
    PaperRow("Gemini-3-pro", "", True, (39.8, 68.8, 37.4, 35.4, 13.3, 38.9, 64.4), "subtitles visible"),
    PaperRow("Gemini-3-pro", "", True, (40.4, 60.9, 34.7, 33.6, 13.2, 36.6, 60.3), "subtitles masked"),
    PaperRow("OmniScript", "8", True, (39.2, 72.2, 33.7, 31.9, 11.6, 37.7, 69.3), "subtitles visible"),
    PaperRow("OmniScript", "8", True, (34.1, 63.8, 31.8, 30.6, 11.7, 34.4, 67.0), "subtitles masked"),
)
"""Subtitles in the picture."""

TABLE_5 = (
    PaperRow("Qwen3-VL-8B-SFT", "8", False, (34.0, 52.0, 30.3, 28.5, 10.5, 31.1, 68.2)),
    PaperRow("OmniScript-8B-SFT", "8", True, (35.6, 68.2, 30.5, 31.2, 11.1, 35.3, 66.6)),
)
"""Sound."""

TABLES = {1: TABLE_1, 2: TABLE_2, 3: TABLE_3, 4: TABLE_4, 5: TABLE_5}
