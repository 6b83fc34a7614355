"""The work on a film, from the wish for a script to its last segment; resumable, shared by workers, never done twice.

ingest       what people ask for: enqueue, cancel, retry, rerun
running      do a job that is free, help with one that is not
leases       who may work on what: claim, renew, fence each write, reap what lapsed
holds        whether anybody still works on a job
segments     segments of one job, written by several workers
steps        what each step does
"""
