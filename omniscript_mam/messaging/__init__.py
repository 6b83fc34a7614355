"""How workers are woken: the Celery application that carries messages, and a queue in a file where there is no broker."""
