"""A strict reader of the text formats, written for the tests alone."""

import re
from collections import defaultdict

_SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class FormatError(AssertionError):
    pass


def _labels(text, line):
    pairs, position = {}, 0
    while position < len(text):
        match = _LABEL.match(text, position)
        if not match:
            raise FormatError(f"bad labels: {line!r}")
        name, value, _ = match.groups()
        if name in pairs:
            raise FormatError(f"label twice: {line!r}")
        pairs[name] = re.sub(r'\\[\\"n]', lambda escape: _ESCAPES[escape.group()], value)
        position = match.end()
    return pairs


class Scrape:
    """Samples of one exposition. `start` and `end` are the monotonic times around the request."""

    def __init__(self, text, start=0.0, end=0.0):
        self.text, self.start, self.end = text, start, end
        self.samples = {}
        for line in text.split("\n"):
            if not line or line.startswith("#"):
                continue
            match = _SAMPLE.match(line)
            if not match:
                raise FormatError(f"not a sample: {line!r}")
            name, labels, value = match.groups()
            key = (name, frozenset(_labels(labels[1:-1], line).items()) if labels else frozenset())
            if key in self.samples:
                raise FormatError(f"sample twice: {line!r}")
            self.samples[key] = float(value)
        self._by_name = defaultdict(list)
        for (name, pairs), value in self.samples.items():
            self._by_name[name].append((dict(pairs), value))

    def get(self, metric, **labels):
        """The one value of a series given by its exact labels; None when absent."""
        return self.samples.get((metric, frozenset(labels.items())))

    def find(self, metric, **labels):
        """[(labels, value)] of every series of the metric that has these labels."""
        return [(pairs, value) for pairs, value in self._by_name.get(metric, ()) if labels.items() <= pairs.items()]

    def names(self):
        """Names of all containers shown."""
        return {dict(pairs).get("name") for metric, pairs in self.samples if metric.startswith("bottleneck_container_")}
