#!/usr/bin/env python3
"""Inhibition, routing and texts, in a real Alertmanager with the shipped configuration (shorter waits, other addresses).
alertmanager_test.py [--update]: --update rewrites golden/ from what was received."""
import email
import email.policy
import json
import pathlib
import re
import sys

from alertmanager import Alertmanager, now
from receiver import Receiver

GOLDEN = pathlib.Path(__file__).parent / "golden"
RESULTS = {"passed": 0, "failed": 0}


def check(condition, title, detail=""):
    RESULTS["passed" if condition else "failed"] += 1
    print(f"{'ok  ' if condition else 'FAIL'} {title}" + (f"\n     {detail}" if not condition and detail else ""), flush=True)


def labels(alertname, severity, cluster="c1", instance="a:10110", name="web", **more):
    out = {"alertname": alertname, "severity": severity, "cluster": cluster, "instance": instance, "name": name,
           "job": "bottleneck", **more}
    return {key: value for key, value in out.items() if value}


# source; what it silences; what it must leave alone
INHIBITIONS = [
    ("exporter down: everything of that host, nothing of another, nor of a host of the same name in another cluster",
     labels("BottleneckExporterDown", "warning", name=""),
     [labels("BottleneckContainerUnhealthy", "warning"), labels("BottleneckHostPressure", "warning", name=""),
      labels("BottleneckCollectorFailing", "warning", name="", collector="cpu"),
      labels("BottleneckRestartLoop", "critical"), labels("BottleneckSeriesCapReached", "warning", name="")],
     [labels("BottleneckContainerUnhealthy", "warning", instance="b:10110"),
      labels("BottleneckExporterDown", "warning", instance="d:10110", name=""),
      labels("BottleneckContainerUnhealthy", "warning", cluster="c2"),
      labels("BottleneckBudgetBurn", "warning", instance="", name="checkout", budget="errors"),
      labels("SomebodyElsesAlert", "warning"), labels("BottleneckWatchdog", "none", instance="", name="")]),
    ("critical: the lesser ones about the same container, of ours only",
     labels("BottleneckRestartLoop", "critical"),
     [labels("BottleneckContainerUnhealthy", "warning"), labels("BottleneckRecommendationOpen", "info"),
      labels("BottleneckOomKilled", "warning"), labels("BottleneckBudgetBurn", "warning", budget="latency", window="6h")],
     [labels("BottleneckContainerUnhealthy", "warning", name="api"),
      labels("BottleneckContainerUnhealthy", "warning", instance="b:10110"),
      labels("BottleneckHostPressure", "warning", name=""), labels("SomebodyElsesAlert", "warning"),
      labels("BottleneckOomKilled", "critical")]),
    ("critical burn of an application's own budget: its slower burns, which have no instance either",
     labels("BottleneckBudgetBurn", "critical", instance="", name="checkout", budget="errors", window="1h"),
     [labels("BottleneckBudgetBurn", "warning", instance="", name="checkout", budget="errors", window="6h")],
     [labels("BottleneckBudgetBurn", "warning", instance="", name="orders", budget="queue", window="6h"),
      labels("BottleneckContainerUnhealthy", "warning", name="checkout")]),
    ("missing labels are not equal ones: without a name nothing is silenced",
     labels("BottleneckSomethingOfTheHost", "critical", name=""),
     [],
     [labels("BottleneckHostPressure", "warning", name=""), labels("BottleneckContainerUnhealthy", "warning"),
      labels("BottleneckCollectorFailing", "warning", name="", collector="cpu")]),
    ("an OOM kill: near the limit, not the leak that leads there",
     labels("BottleneckOomKilled", "warning"),
     [labels("BottleneckMemoryLimitNear", "warning")],
     [labels("BottleneckMemoryLeak", "warning"), labels("BottleneckMemoryLimitNear", "warning", name="api"),
      labels("BottleneckMemoryLimitNear", "warning", instance="b:10110"), labels("BottleneckContainerHeldBack", "warning")]),
    ("pressure of the host: the victims of contention on that host; never quota, OOM, leak or the noisy neighbour",
     labels("BottleneckHostPressure", "warning", name=""),
     [labels("BottleneckContentionVictim", "warning"), labels("BottleneckContentionVictim", "warning", name="api")],
     [labels("BottleneckContentionVictim", "warning", instance="b:10110"), labels("BottleneckContainerThrottled", "info"),
      labels("BottleneckOomKilled", "warning"), labels("BottleneckMemoryLeak", "warning"),
      labels("BottleneckNoisyNeighbour", "warning", name="hog"), labels("BottleneckContainerHeldBack", "warning", name="db"),
      labels("BottleneckRestartLoop", "critical", name="loop")]),
]


def key(alert):
    return tuple(sorted(alert.items()))


def inhibitions(alertmanager):
    for title, source, silenced, left in INHIBITIONS:
        everything = [source, *silenced, *left]
        alertmanager.send(*((each, {}, None, None) for each in everything))

        def states():
            found = {key(a["labels"]): bool(a["status"]["inhibitedBy"]) for a in alertmanager.alerts()}
            return found if all(key(each) in found for each in everything) else None

        def settled():
            found = states()
            return found if found and all(found[key(each)] for each in silenced) else None
        try:
            found = alertmanager.wait(settled, title, 15)
            wrong = [each for each in (source, *left) if found[key(each)]]
            check(not wrong, title, f"silenced as well: {wrong}")
        except TimeoutError as problem:
            found = states() or {}
            check(False, title, f"{problem}; not silenced: {[each for each in silenced if not found.get(key(each))]}")
        alertmanager.send(*((each, {}, now(-20), now(-10)) for each in everything))
        alertmanager.wait(lambda: not alertmanager.alerts(), "all resolved", 15)


def webhook(messages, path, status, alertname):
    """The alerts of this name and status that arrived at this path."""
    return [alert for message in messages if message["path"] == path for alert in message["body"]["alerts"]
            if alert["status"] == status and alert["labels"]["alertname"] == alertname and (
                alertname == "BottleneckWatchdog" or alert["labels"]["name"] in ("story", "sentinel"))]


def deliveries(alertmanager, receiver):
    """One story: two criticals, one of them on a host whose exporter then dies and comes back."""
    receiver.messages.clear()
    loop = (labels("BottleneckRestartLoop", "critical", name="story"), {"summary": "web restarts"}, None, None)
    inhibited = (labels("BottleneckExporterDown", "warning", instance="dead:10110", name=""), {}, None, None)
    hidden = (labels("BottleneckRestartLoop", "critical", instance="dead:10110", name="story"), {"summary": "hidden"}, None, None)
    # What silences is known to the list of alerts a moment before it silences: one that nobody is sent shows when it does.
    probe = (labels("BottleneckContainerThrottled", "info", instance="dead:10110", name="probe"), {}, None, None)
    alertmanager.send(inhibited, probe)
    alertmanager.wait(lambda: any(alert["status"]["inhibitedBy"] for alert in alertmanager.alerts()), "the source silences")
    alertmanager.send(hidden, loop)
    receiver.wait(lambda m: webhook(m, "/page", "firing", "BottleneckRestartLoop"))
    arrived = webhook(receiver.messages, "/page", "firing", "BottleneckRestartLoop")
    check([a["labels"]["instance"] for a in arrived] == ["a:10110"], "a silenced alert is not in the message of its group", arrived)
    message = next(m for m in receiver.messages if m["path"] == "/page" and webhook([m], "/page", "firing", "BottleneckRestartLoop"))
    check(message["headers"].get("Authorization") == "Bearer pager-secret", "the pager's token comes from its file")
    check(message["body"]["version"] == "4" and arrived[0]["annotations"]["summary"] == "web restarts",
          "a webhook carries the annotations as JSON, version 4")
    alertmanager.send((inhibited[0], {}, now(-20), now(-1)))
    receiver.wait(lambda m: [a for a in webhook(m, "/page", "firing", "BottleneckRestartLoop")
                             if a["labels"]["instance"] == "dead:10110"])
    check(True, "when the exporter answers again, what it silenced is told")
    alertmanager.send(*((each[0], each[1], now(-20), now(-1)) for each in (loop, hidden)))
    receiver.wait(lambda m: len({a["labels"]["instance"] for a in webhook(m, "/page", "resolved", "BottleneckRestartLoop")}) == 2)
    check(True, "resolve notifications arrive")
    alertmanager.send((labels("BottleneckWatchdog", "none", instance="", name=""), {}, None, None))
    receiver.wait(lambda m: len(webhook(m, "/watchdog", "firing", "BottleneckWatchdog")) >= 3)
    check(True, "the watchdog is sent again and again, alone")
    alertmanager.send((labels("BottleneckContainerThrottled", "info", name="quota", workload="quota"), {}, None, None))
    alertmanager.send((labels("BottleneckRestartLoop", "critical", name="story", workload="after", team="payments"), {}, None, None))
    receiver.wait(lambda m: webhook(m, "/page-payments", "firing", "BottleneckRestartLoop"))
    check(True, "a team has a pager of its own")
    # What is sent later and waits as long as any other message bounds the time in which it could have come.
    for workload in ("later", "last"):
        alertmanager.send((labels("BottleneckNoisyNeighbour", "warning", name="sentinel", workload=workload), {}, None, None))
        receiver.wait(lambda m, w=workload: [a for a in webhook(m, "/team", "firing", "BottleneckNoisyNeighbour")
                                             if a["labels"]["workload"] == w])
    check(not any("BottleneckContainerThrottled" in json.dumps(m) for m in receiver.messages),
          "a throttled container is sent to nobody")


STARTS = "2026-01-02T03:04:05Z"


def text_alerts():
    def annotations(summary, description, anchor):
        return {"summary": summary, "description": description,
                "runbook_url": f"https://bottleneck-exporter.example.org/alerts/RUNBOOKS.md#{anchor}",
                "dashboard_url": "http://localhost:3000/d/bottleneck-container?var-instance=a%3A10110&var-name=web"}
    one = (labels("BottleneckContainerUnhealthy", "warning", workload="shop/web", team="operations"),
           annotations("Container web on a:10110 is unhealthy", "The health check of web failed. Change: docker update --memory 256m web",
                       "bottleneckcontainerunhealthy"))
    two = (labels("BottleneckOomKilled", "warning", name="<!channel> & \"x\" <script>alert(1)</script>", workload="shop/web", team="operations"),
           annotations("Container <!channel> & \"x\" <script>alert(1)</script> was killed", "1 kill < 2 & > 0. Change: none",
                       "bottleneckoomkilled"))
    return one, two


def mail(message):
    """Subject and parts of an e-mail, without what differs from run to run."""
    parsed = email.message_from_string(message["body"], policy=email.policy.default)
    out = [f"To: {parsed['To']}", f"Subject: {parsed['Subject']}"]
    parts = {part.get_content_type(): part.get_content() for part in parsed.walk() if not part.is_multipart()}
    return "\n".join(out) + "\n", parts


def normal(text):
    text = re.sub(r"resolved \d{4}-\d\d-\d\d \d\d:\d\d", "resolved 2026-01-02 05:06", text)
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").splitlines()).strip() + "\n"


def golden(name, text, update):
    path = GOLDEN / name
    text = normal(text)
    if update:
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
    expected = path.read_text() if path.exists() else "(missing)"
    first = next((f"line {i}: expected {e!r}, got {g!r}" for i, (e, g) in enumerate(
        zip(expected.splitlines() + [""] * 999, text.splitlines()), 1) if e != g), "lengths differ")
    check(text == expected, f"text as in golden/{name}", first)


def texts(alertmanager, receiver, update):
    one, two = text_alerts()
    receiver.messages.clear()
    alertmanager.send((*one, STARTS, None))

    def of(status, path, count=1):
        found = [m for m in receiver.messages if m["path"] == path and "Container web" in str(m["body"]) and (
            f"[{status}" in m["body"] if path == "smtp" else
            m["body"]["channel"] == "#operations" and f"[{status}" in m["body"]["attachments"][0]["title"])]
        return found if len(found) >= count else None
    for message in (receiver.wait(lambda _: of("FIRING:1", "smtp"))[0],):
        head, parts = mail(message)
        golden("one.email.txt", head + "\n" + parts["text/plain"], update)
        golden("one.email.html", parts["text/html"], update)
    golden("one.slack.json", json.dumps(receiver.wait(lambda _: of("FIRING:1", "/slack"))[0]["body"], indent=1), update)
    check(receiver.logins and receiver.logins[0] == "\0alertmanager\0smtp-secret", "the password of the mail server comes from its file",
          receiver.logins)
    alertmanager.send((*two, STARTS, None))
    head, parts = mail(receiver.wait(lambda _: of("FIRING:2", "smtp"))[0])
    golden("two.email.txt", head + "\n" + parts["text/plain"], update)
    golden("two.email.html", parts["text/html"], update)
    check("<script>" not in parts["text/html"], "a container's name cannot bring a script into the mail")
    slack = receiver.wait(lambda _: of("FIRING:2", "/slack"))[0]["body"]
    golden("two.slack.json", json.dumps(slack, indent=1), update)
    check("<!channel>" not in json.dumps(slack), "a container called <!channel> does not wake a channel")
    alertmanager.send(*((*each, STARTS, now(-1)) for each in (one, two)))
    head, parts = mail(receiver.wait(lambda _: of("RESOLVED", "smtp"))[0])
    golden("resolved.email.txt", head + "\n" + parts["text/plain"], update)
    golden("resolved.slack.json", json.dumps(receiver.wait(lambda _: of("RESOLVED", "/slack"))[0]["body"], indent=1), update)
    digest = labels("BottleneckRecommendationOpen", "info", team="payments", workload="shop/web")
    alertmanager.send((digest, {"summary": "open for a week", "description": "two recommendations"}, STARTS, None))
    message = receiver.wait(lambda m: [x for x in m if x["path"] == "smtp" and "open for a week" in x["body"]], 40)[0]
    check("payments@example.org" in str(message["headers"]["To"]), "the digest goes to the team by e-mail", message["headers"])


def main():
    update = "--update" in sys.argv[1:]
    with Receiver() as receiver, Alertmanager(receiver) as alertmanager:
        inhibitions(alertmanager)
        deliveries(alertmanager, receiver)
        texts(alertmanager, receiver, update)
    print(f"{RESULTS['passed']} passed, {RESULTS['failed']} failed")
    return 1 if RESULTS["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
