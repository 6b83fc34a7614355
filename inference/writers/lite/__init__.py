"""The lite writer: a script from small pretrained models on a CPU. Import :mod:`.writer` to use it; this file imports nothing heavy."""
