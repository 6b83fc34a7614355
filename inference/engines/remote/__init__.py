"""A model behind a network address: :class:`.remote_engine.RemoteEngine`. Which there are: :mod:`.endpoints`, without heavy imports."""
