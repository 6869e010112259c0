"""How fast promises are kept (`make bench-relay`): the outbox, the queue, and worker processes as in production."""
