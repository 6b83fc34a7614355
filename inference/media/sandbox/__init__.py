"""The sandbox: how a program meets a file that nobody vouches for.

confine    the script that sets the limits on itself and then becomes the program
process    start one program confined so, follow its output, stop it, leave nothing behind
child      our own reader (:mod:`inference.media.decoding`) in such a process: a request in, a result out
ffmpeg     the ffmpeg program in such a process
"""
