"""The search index as the database wants it.

indexing    index_asset, index_pending, reindex, forget: what is wanted becomes what is indexed
mending     verify, repair, catch_up, is_behind: proves that both agree, and mends what does not
"""
