"""Our own model as a writer: :mod:`.settings` says which and how, :mod:`.loading` loads it once a process, :mod:`.engine` asks it."""
