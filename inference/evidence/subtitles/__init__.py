"""Subtitles that come with a film, in it or beside it: somebody's transcript, with times of its own.

files       what may lie beside a film, and bytes into rows (SubRip, WebVTT, ASS), whatever their encoding
encodings   bytes into text
wording     a row's text into what is said, by whom, and what is heard
tongues     the language of a text by its words
tracks      all tracks of a film, in it and beside it

Everything here reads untrusted text: in linear time, without regular expressions, with bounded sizes. Whether a track belongs to the film
is not decided here but where it is heard (:mod:`inference.evidence.joining.fitting`)."""
