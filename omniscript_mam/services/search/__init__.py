"""The search index as the database wants it: index_pending, reindex, forget, verify (:mod:`.indexing`)."""
