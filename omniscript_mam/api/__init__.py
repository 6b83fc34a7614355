"""The API, version 1: thin views over services and selectors, one module per resource.

    base         what every view declares: JSON, errors of one shape, the same-origin rule
    parameters   what requests say, checked
    errors       what goes wrong, as an answer
    description  what there is
    assets, scripts, segments, characters, collections, writers, jobs, search
    media        the files, with byte ranges

What is answered is stated in :mod:`omniscript_mam.wire`. To add a resource: its module here and in ``wire``, and its lines in ``urls``,
``description`` and ``tests/app/wire.json``.
"""
