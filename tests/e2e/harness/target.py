"""One watched thing of the scenario, and what can be read of it apart from the exporter."""

from datetime import datetime, timezone

from . import hostcgroups as host


def epoch(text):
    """Docker's time stamps; None for its zero."""
    if not text or text.startswith("0001-"):
        return None
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    return seconds + float("0." + fraction if fraction else 0)


class Target:
    """`name` is the value of the label; `engine` is None for what Docker does not know."""

    def __init__(self, name, engine=None, pid=None, cgroup=None):
        self.name, self.engine = name, engine
        self._pid, self._cgroup = pid, cgroup
        self._inspect = None
        self.marks = {}  # what the scenario did to it, and when

    def new_tick(self):
        """What is known is asked anew."""
        self._inspect = None
        self.new_files()

    def new_files(self):
        """Files are read anew; the engine is not asked again."""
        if self._cgroup:
            self._cgroup.new_tick()

    @property
    def inspect(self):
        if self._inspect is None and self.engine:
            self._inspect = self.engine.inspect(self.name)
        return self._inspect

    @property
    def pid(self):
        """First process; 0 when it does not run."""
        if self._pid is not None:
            return self._pid
        return self.inspect["State"]["Pid"] if self.inspect else 0

    @property
    def cgroup(self):
        """None when it does not run. A recreated container has a new one."""
        if self._pid is not None or not self.engine:
            return self._cgroup
        pid = self.pid
        if not pid:
            return None
        if self._cgroup is None or self.marks.get("cgroup_pid") != pid:
            try:
                self._cgroup = host.Cgroup.of_pid(pid)
            except OSError:
                return None
            self.marks["cgroup_pid"] = pid
        return self._cgroup
