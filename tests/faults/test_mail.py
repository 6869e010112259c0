"""A mail server in a bad mood: 30 % « not now », 5 % « never », 5 % no answer after the text, and stalls."""

from tests.faults.deployment import Deployment
from tests.faults.lengths import REALLY_WAITS
from tests.faults.post import Moods
from tests.faults.trial import trial

MOODS = Moods(busy=0.3, refused=0.05, dropped=0.05, stalled=0.02, stall_s=60 if REALLY_WAITS else 3)


def test_a_moody_mail_server_gets_every_mail_that_it_does_not_refuse(deployment: Deployment) -> None:
    with trial(deployment, "SMTP: 30 % 4xx, 5 % 5xx, 5 % dropped after DATA, stalls") as load:
        deployment.post.moody(MOODS)
        load.lasts(every=2, act=lambda: deployment.struck.append("a moody mail server"))
        deployment.post.calm()
    assert load.history.outages.longest_s == 0, "pages are answered while mail waits"
