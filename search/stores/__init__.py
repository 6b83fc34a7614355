"""The stores that implement the ports of :mod:`search.ports`; only :mod:`search.factory` chooses among them."""
