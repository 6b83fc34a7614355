"""What a site may want to hear of: connect to these with Django's ``receiver``.

    script_written      a writer wrote a script, the first of an asset or another one
    script_corrected    a person corrected a script, or took a correction back

Both are sent after the transaction is committed, in the process that stored the revision (a worker, or the web process), with ``asset`` and
``revision`` (an Asset and a ScriptRevision of :mod:`omniscript_mam.models`). The sender is the class Asset. A receiver that fails is logged
by Django and changes nothing of ours::

    @receiver(script_written)
    def tell_the_editors(sender, asset, revision, **kwargs): ...
"""

from __future__ import annotations

from django.dispatch import Signal

script_written = Signal()
script_corrected = Signal()
