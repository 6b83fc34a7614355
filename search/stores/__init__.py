"""Engines that store records and find candidates, all behind :class:`search.ports.Indexer`."""
