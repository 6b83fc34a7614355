"""Engines that store records and find candidates, all behind :class:`search.indexers.base.Indexer`."""
