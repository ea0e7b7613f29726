#!/usr/bin/env python3
"""The whole chain with durations shortened: a host's metrics, a real Prometheus with the shipped rules, a real Alertmanager
with the shipped routes, a receiver. Sick containers raise exactly the expected messages, what is inhibited is not sent,
an exporter that dies resolves nothing, and resolve messages arrive when all is well again."""
import http.server
import sys
import threading
import time

from alertmanager import Alertmanager
from prometheus import Prometheus
from receiver import Receiver
from scenario import MIB, RESOURCES, selector

MINUTE, POWER = 1.0, 0.7  # 5m is 3.1 s, 15m is 6.7 s, 1h is 17.6 s: margins survive a busy machine
RESULTS = {"passed": 0, "failed": 0}


def check(condition, title, detail=""):
    RESULTS["passed" if condition else "failed"] += 1
    print(f"{'ok  ' if condition else 'FAIL'} {title}" + (f"\n     {detail}" if not condition and detail else ""), flush=True)


class FakeHost:
    """Answers like the exporter. Counters grow by their rate, in seconds of this clock."""

    def __init__(self):
        self.begin, self.lock, self.values, self.server = time.monotonic(), threading.Lock(), {}, None
        self.port = 0

    def gauge(self, metric, value, **labels):
        with self.lock:
            self.values[selector("bottleneck_" + metric, labels)] = (value, None, 0)

    def rate(self, metric, rate, **labels):
        """From now on it grows by `rate` a second; never backwards."""
        with self.lock:
            key, now = selector("bottleneck_" + metric, labels), time.monotonic() - self.begin
            value, old, since = self.values.get(key, (0, 0, now))
            self.values[key] = (value + (old or 0) * (now - since), rate, now)

    def drop(self, metric, **labels):
        with self.lock:
            self.values.pop(selector("bottleneck_" + metric, labels), None)

    def text(self):
        now = time.monotonic() - self.begin
        with self.lock:
            return "".join(f"{key} {value + (rate or 0) * (now - since)}\n" for key, (value, rate, since) in self.values.items())

    def start(self):
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = host.text().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def judge(self, name, resource, score, category):
        self.gauge("score", score, name=name, resource=resource)
        if score >= 0.5:
            self.gauge("corroborating_sources", 2, name=name, resource=resource)
            self.gauge("confidence", 0.9, name=name, resource=resource)
        self.rate("held_back_seconds_total", 1 if score >= 0.5 else 0, name=name, resource=resource)
        for other in ("none", "cpu_quota", "cpu_contention", "memory_limit"):
            self.drop("category", name=name, category=other)
        self.gauge("category", 1, name=name, category=category)
        self.gauge("overall_score", score, name=name)

    def container(self, name, workload, team):
        self.gauge("container_info", 1, name=name, id="id-" + name, image="shop:1", version="1", workload=workload, team=team)
        self.gauge("container_state", 1, name=name, state="running")
        for resource in RESOURCES:
            self.judge(name, resource, 0.05, "none")
        self.rate("container_cpu_usage_seconds_total", 0.1, name=name)
        self.rate("observed_seconds_total", 1, name=name)
        self.gauge("container_starts_total", 1, name=name)
        self.gauge("container_oom_events_total", 0, name=name)
        self.gauge("container_memory_unreclaimable_bytes", 50 * MIB, name=name)
        self.gauge("container_memory_effective_limit_bytes", 200 * MIB, name=name)
        self.gauge("container_cpu_effective_limit_cores", 2, name=name)

    def healthy(self):
        self.gauge("exporter_build_info", 1, version="test")
        self.gauge("host_cpus", 2)
        self.rate("host_cpu_busy_seconds_total", 0.4)
        self.rate("host_cpu_steal_seconds_total", 0)
        self.gauge("host_memory_total_bytes", 8192 * MIB)
        self.gauge("host_memory_available_bytes", 4096 * MIB)
        for resource in ("cpu", "memory", "io"):
            self.rate("host_pressure_waiting_seconds_total", 0.01, resource=resource)

    def sick(self):
        self.judge("web", "memory", 0.9, "memory_limit")
        self.judge("quota", "cpu", 0.9, "cpu_quota")
        for name in ("victim", "other"):
            self.judge(name, "cpu", 0.9, "cpu_contention")
            self.gauge("noisy_neighbour", 0.8, name=name, suspect="hog", resource="cpu")
        self.rate("host_cpu_busy_seconds_total", 1.96)
        self.rate("host_pressure_waiting_seconds_total", 0.9, resource="cpu")
        self.gauge("container_health", 1, name="sick", status="unhealthy")
        self.gauge("recommendation", 4, name="loop", recommendation="RESTART_LOOP")
        self.rate("container_starts_total", 4 / MINUTE, name="loop")
        self.gauge("container_oom_events_total", 5, name="oom")
        self.rate("container_oom_events_total", 0.5 / MINUTE, name="oom")
        self.gauge("container_memory_unreclaimable_bytes", 195 * MIB, name="oom")
        self.judge("oom", "memory", 0.7, "memory_limit")

    def well(self):
        for name in ("web", "quota", "victim", "other", "oom"):
            for resource in ("cpu", "memory"):
                self.judge(name, resource, 0.05, "none")
            self.drop("noisy_neighbour", name=name, suspect="hog", resource="cpu")
        self.healthy()
        self.gauge("container_health", 0, name="sick", status="unhealthy")
        self.drop("container_health", name="sick", status="unhealthy")
        self.gauge("recommendation", 0, name="loop", recommendation="RESTART_LOOP")
        self.rate("container_starts_total", 0, name="loop")
        self.rate("container_oom_events_total", 0, name="oom")
        self.gauge("container_memory_unreclaimable_bytes", 50 * MIB, name="oom")


EXPECTED = {("BottleneckContainerHeldBack", "web", "warning"), ("BottleneckNoisyNeighbour", "hog", "warning"),
            ("BottleneckHostPressure", "", "warning"), ("BottleneckContainerUnhealthy", "sick", "warning"),
            ("BottleneckRestartLoop", "loop", "critical"), ("BottleneckOomKilled", "oom", "critical")}
SILENCED = {("BottleneckContentionVictim", "victim", "warning"), ("BottleneckContentionVictim", "other", "warning"),
            ("BottleneckMemoryLimitNear", "oom", "warning"), ("BottleneckOomKilled", "oom", "warning")}
TOLD_NOBODY = {("BottleneckContainerThrottled", "quota", "info")}
WATCHDOG = ("BottleneckWatchdog", "", "none")


def told(messages, status):
    """Alerts that arrived at a receiver's webhook with this status, the watchdog left out."""
    return {(a["labels"]["alertname"], a["labels"].get("name", ""), a["labels"]["severity"])
            for message in list(messages) if isinstance(message["body"], dict) and "alerts" in message["body"]
            for a in message["body"]["alerts"] if a["status"] == status} - {WATCHDOG}


def story(host, prometheus, alertmanager, receiver):
    prometheus.wait(lambda: len(prometheus.query("name:bottleneck_container_settled:count")) == 8, "containers are settled")
    check(prometheus.firing() == {WATCHDOG}, "a healthy host: nothing fires but the watchdog", prometheus.firing())
    check(told(receiver.messages, "firing") == set(), "and nothing is sent but the watchdog", told(receiver.messages, "firing"))
    host.sick()
    wanted = EXPECTED | SILENCED | TOLD_NOBODY | {WATCHDOG}
    try:
        prometheus.wait(lambda: wanted <= prometheus.firing(), "everything expected fires", 90)
        check(prometheus.firing() == wanted, "exactly the expected alerts fire", prometheus.firing() ^ wanted)
    except TimeoutError as problem:
        check(False, "exactly the expected alerts fire", f"{problem}: {prometheus.firing() ^ wanted}")
    try:
        receiver.wait(lambda messages: EXPECTED <= told(messages, "firing"), 60)
    except TimeoutError:
        pass
    check(told(receiver.messages, "firing") == EXPECTED, "exactly the expected messages arrive; victims, a limit that was "
          "reached and a throttled container are not among them", told(receiver.messages, "firing") ^ EXPECTED)
    check(not told(receiver.messages, "resolved"), "nothing is resolved meanwhile", told(receiver.messages, "resolved"))
    text = next((a["annotations"]["description"] for m in receiver.messages if m["path"] in ("/team", "/team-payments")
                 for a in m["body"]["alerts"] if a["labels"]["alertname"] == "BottleneckContainerHeldBack"), "")
    check("web (service shop/web)" in text and "memory_limit" in text, "the message names container and cause", text)
    check(any(m["path"] == "/page" and "loop" in str(m["body"]) for m in receiver.messages), "the critical one goes to the pager")

    host.stop()
    receiver.wait(lambda messages: ("BottleneckExporterDown", "", "warning") in told(messages, "firing"), 60)
    check(not told(receiver.messages, "resolved"), "an exporter that is killed resolves nothing, and is told of itself",
          told(receiver.messages, "resolved"))
    host.well()
    host.start()
    try:
        receiver.wait(lambda messages: EXPECTED <= told(messages, "resolved"), 90)
        check(True, "when all is well again, each is resolved")
    except TimeoutError:
        check(False, "when all is well again, each is resolved", EXPECTED - told(receiver.messages, "resolved"))
    prometheus.wait(lambda: prometheus.firing() == {WATCHDOG}, "only the watchdog is left", 60)
    check(not prometheus.rule_errors(), "no rule failed", prometheus.rule_errors())


def main():
    host = FakeHost()
    host.healthy()
    for name in ("web", "quota", "victim", "other", "hog", "sick", "oom"):
        host.container(name, f"shop/{name}", "payments" if name == "web" else "")
    host.start()
    host.container("loop", "shop/loop", "")
    with Receiver() as receiver, Alertmanager(receiver, MINUTE / 2) as alertmanager, \
            Prometheus({"a:10110": f"127.0.0.1:{host.port}"}, alertmanager.port, MINUTE, POWER, 0.5) as prometheus:
        try:
            story(host, prometheus, alertmanager, receiver)
        except (TimeoutError, AssertionError) as problem:
            check(False, "the story goes on to its end", problem)
    print(f"{RESULTS['passed']} passed, {RESULTS['failed']} failed")
    return 1 if RESULTS["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
