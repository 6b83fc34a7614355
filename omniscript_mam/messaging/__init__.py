"""How workers are woken.

    application       the Celery application that carries our messages: the site's own, or ours
    celery_settings   how ours is configured
    transport         a message queue in a file, for where there is no broker

A message only wakes a worker: the Job row is the truth.
"""
