"""The model on this machine: :class:`.local_engine.LocalEngine`. This file imports nothing heavy; :mod:`.model_options` neither."""
