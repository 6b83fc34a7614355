"""Everything that changes the archive.

    assets      register_upload, delete_asset, rename_asset
    ingest      enqueue, cancel, retry, rerun
    leases      claim a job, renew, guard each write by the fencing token, reap lapsed leases
    steps       the steps of a job: probe, proxy, survey, pictures, plan, write, merge, index
    renditions  proxy, poster, sprite sheet, waveform
    scripts     store_revision
    indexing    index_pending, reindex, verify
    publishing  send the message that wakes a worker
    storage     the data folder: paths, free space, quota, atomic files

Services take and return models or plain values, raise errors of :mod:`omniscript_mam.errors`, and know nothing of requests.
"""
