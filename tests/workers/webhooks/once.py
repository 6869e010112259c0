"""A worker that tells what is due once, as a process of its own: a test kills it in the midst."""

from broker.app import create_app
from workers import outbox

if __name__ == "__main__":
    with create_app().app_context():
        outbox.drain("webhook.deliver")
