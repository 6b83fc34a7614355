"""Decoding: what touches untrusted bytes. Everything here runs in a child process only, started by :mod:`inference.media.sandbox`.

__main__      ``python -m inference.media.decoding REQUEST``: the child's end of the pipe
probing       the inside of the probe: what a file is
surveying     the inside of the survey: one stretch of a film decoded for everybody
packet_scan   one pass over all packets without decoding: what is really in the file
seeking       packets from a given moment on
stamps        integers of the container to seconds of the film
sound, orientation, timecode    one matter each of what is decoded
"""
