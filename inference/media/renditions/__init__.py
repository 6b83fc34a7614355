"""Renditions: the files derived from a film that people watch and scrub through.

proxy      the copy that a browser plays, made by ffmpeg from the file itself
pictures   poster, sprite sheet and waveform, made from the spool without another decode
"""
