"""The eyes: faces, things, joints, lettering and looks of a stretch of film (:mod:`.see`). Importing this file loads nothing heavy."""
