"""The search index as the database wants it.

indexing    index_asset, index_pending, reindex, forget: what is wanted becomes what is indexed
mending     verify, repair, catch_up, is_behind: proves that both agree, and mends what does not
pending     the one definition of what waits
saving      save_search, delete_search, note_looked, look_again: searches that people keep, and what is new to them
projecting  records of one asset or of all; works as the system
"""
