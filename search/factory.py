"""Which stores an index is made of, by its options. The only module that knows the stores by name."""

from __future__ import annotations

from search.options import EmbeddedIndexOptions
from search.ports import IndexLifecycle
from search.stores.embedded.lifecycle import EmbeddedLifecycle


def lifecycle_of(options: EmbeddedIndexOptions, model_id: str = "", num_dims: int = 0) -> IndexLifecycle:
    """The index that the options describe; nothing is opened yet.

    Args:
        options: what kind of index, and where.
        model_id: the embedding model of its vectors; empty for none.
        num_dims: their length; 0 for none.
    """
    return EmbeddedLifecycle(options, model_id, num_dims)
