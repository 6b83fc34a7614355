"""What each step of a job does: one module a step, each with ``run(work)``. Their order is in :mod:`omniscript_mam.steps`.

probe       leaves Essence.media_info, Asset.duration_s
proxy       a Rendition
survey      the spool: one decode of the film, chunk by chunk
pictures    Renditions made from the spool: poster, sprite sheet, waveform
plan        Step.result (the plan as JSON), a PlanSummary, one Segment row per segment
write       Segment.draft, once per segment
merge       a ScriptRevision; Step.result names it
index       the search index
"""
