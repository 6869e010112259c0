"""The workers' queue: Celery on Redis or Valkey. Its messages are hints: the sweep finds what a lost one meant."""

import atexit
import time
from functools import cache
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init

from config import logging
from config.database import transaction
from config.settings import settings
from workers import acknowledging, handlers, keys, leases, lively, outbox, pacing, probing, reminders, webhooks
from workers.alone import SWEEP, is_alone
from workers.erasure import turn as erasure
from workers.housekeeping import turn as housekeeping
from workers.process import application, count, stand_back, stop_without_delay

SWEEP_S = 5
HOUR_S = 3600
NO_WAIT_S = 10.0
"""A periodic message that nobody took in time is dropped: the next one is on its way."""


def queue_url() -> str:
    """Where the messages are: the configured server, or the embedded Valkey, attached to (or started) here."""
    configured = settings().redis_url
    if configured is not None:
        return configured
    return _embedded_url()


@cache
def _embedded_url() -> str:
    from config.embedded.valkey import EmbeddedValkey

    valkey = EmbeddedValkey(settings().home)
    valkey.ensure()
    atexit.register(valkey.stop)  # and with it the object, should it be this process that started the server
    return valkey.celery_url


def configuration() -> dict[str, Any]:
    """Celery's settings, read when it first needs them."""
    return {
        "broker_url": queue_url(),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            # A message in dead hands is seen again after a minute, not after the default's hour.
            "visibility_timeout": 60,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 3,
            "socket_timeout": 10,
            "socket_keepalive": True,
        },
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_publish_retry": False,
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": 2,
        "worker_pool": "prefork",
        "worker_proc_alive_timeout": 10,
        "worker_enable_remote_control": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "beat_schedule_filename": str(settings().home / "beat-schedule"),
        "beat_schedule": {
            "sweep": {"task": "trousseau.sweep", "schedule": SWEEP_S, "options": {"expires": NO_WAIT_S}},
            "housekeeping": {"task": "trousseau.housekeeping", "schedule": HOUR_S, "options": {"expires": HOUR_S}},
            "reminders": {"task": "trousseau.reminders", "schedule": HOUR_S, "options": {"expires": HOUR_S}},
            "erasure": {"task": "trousseau.erasure", "schedule": HOUR_S, "options": {"expires": HOUR_S}},
            "probes": {"task": "trousseau.probes", "schedule": HOUR_S, "options": {"expires": HOUR_S}},
            "keys": {"task": "trousseau.keys", "schedule": HOUR_S, "options": {"expires": HOUR_S}},
        },
    }


def wake(topic: str) -> None:
    """Act on what is due of a topic: one batch a message, so that a worker told to stop is soon done.

    A topic that this program does not know is left to a newer one: nothing is stuck because a worker is old.
    """
    if not handlers.knows(topic):
        return
    begun = time.monotonic()
    with application().app_context():
        claimed = outbox.work_once(topic, call_others=lambda: ask_to_wake(topic))
    if claimed >= outbox.BATCH:
        pacing.give_way(time.monotonic() - begun)
    if claimed:
        ask_to_wake(topic)


def sweep() -> None:
    """Wake every topic that has something due: what a lost hint, a retry or a dead worker left behind."""
    with application().app_context(), transaction() as work:
        topics = leases.due_topics() if is_alone(work, SWEEP) else []
    for topic in topics:
        ask_to_wake(topic)


def tidy() -> None:
    """Delete what has served. What a turn has no time for, the next one does at once: others may want this worker."""
    with application().app_context():
        finished = housekeeping.tidy().finished
    if not finished:
        app.send_task("trousseau.housekeeping", expires=HOUR_S)


def remind() -> None:
    """Promise the reminders that are due."""
    with application().app_context():
        reminders.turn()


def rotate_keys() -> None:
    """Let signing keys follow one another, and erase those that have served."""
    with application().app_context():
        keys.turn()
        keys.tidy()
        webhooks.rotate_keys()


def ask_sources() -> None:
    """Have sources asked what became of the accounts that they have disabled."""
    with application().app_context():
        probing.turn()


def erase() -> None:
    """Erase who has asked for it thirty days ago."""
    with application().app_context():
        erasure.turn()


def ask_to_wake(topic: str) -> None:
    """Send the hint: any worker may take it."""
    app.send_task("trousseau.wake", (topic,))


def _log(**_: object) -> None:
    logging.configure()


app = Celery("trousseau", set_as_current=False)
app.add_defaults(configuration)
app.task(name="trousseau.wake")(wake)
app.task(name="trousseau.sweep")(sweep)
app.task(name="trousseau.housekeeping")(tidy)
app.task(name="trousseau.reminders")(remind)
app.task(name="trousseau.erasure")(erase)
app.task(name="trousseau.probes")(ask_sources)
app.task(name="trousseau.keys")(rotate_keys)
setup_logging.connect(_log)
worker_init.connect(stand_back)
worker_init.connect(stop_without_delay)
worker_process_init.connect(count)
lively.install()
acknowledging.install()
