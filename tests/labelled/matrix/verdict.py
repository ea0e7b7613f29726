"""What the exporter said of a case, held against its label."""

from collections import Counter, defaultdict

SETTLED = 20.0  # the last seconds of a case, in which its category is read
FAST = 20.0  # a fast fault's band is to be reached within
MONOTONE = 0.9  # Spearman, of a score against the injected intensity
CROWDED = 0.85  # busy share of the machine from which "other work takes its CPUs" is simply true


OTHERS = 0.25  # of the CPUs in use by others: then it is contention, by the exporter's own definition


def disturbance(used, seconds, busy, cpus):
    """Why a fault that needs a machine of its own was not what was injected; empty when it was. used: cores of the
    window's containers, as the exporter has it over a minute, most of which lies in the window."""
    others = busy - used * 60 / min(60.0, seconds) / cpus
    return f"other work of the machine took {others:.0%} of the CPUs" if others >= OTHERS else ""


LADDER_SIGNALS = {"quota": "cpu.quota", "io": "io.stall", "memory": "mem.stall", "loss": "net.retransmits"}


def signal_value(ladder, whole):
    """The signal that a ladder drives, at its end; its score over the last minute. None when absent."""
    for signal in (whole or {}).get("signals", []):
        if signal["signal"] == LADDER_SIGNALS[ladder]:
            return signal.get("value")
    return None


def judge_case(subject, ticks, busy=0.0):
    """One result, as plain data. busy: mean busy share of the whole machine meanwhile."""
    case = subject.case
    accept = dict(case.accept)
    if case.negative and busy >= CROWDED:
        accept["cpu_contention"] = "the machine was full of other work"
    allowed = {case.expect, *accept}
    last = [t for t in ticks if t.time >= subject.ended - SETTLED]
    counts = Counter(t.category for t in last)
    got = counts.most_common(1)[0][0] if counts else "absent"
    result = {
        "case": case.name, "round": subject.round, "expect": case.expect, "got": got, "ladder": case.ladder,
        "intensity": case.intensity, "values": {k: v for k, v in subject.values.items() if k in case.draw},
        "right": got in allowed, "accepted": got != case.expect and got in accept,
        "busy": round(busy, 2), "seconds": round(subject.ended - subject.began, 1), "disturbed": "", "ticks": len(ticks), "negative": case.negative, "fast": case.fast and not case.negative,
        "score": round(sum(t.overall for t in last) / len(last), 3) if last else None,
        "most": round(max((t.overall for t in ticks), default=0), 3),
        "shares": {name: round(n / len(last), 2) for name, n in counts.items()} if last else {},
        "flag_seconds": None, "false_flags": 0, "false_flag_resources": {},
    }
    if case.negative:
        flagged = [t for t in ticks if t.band_at_least("medium") and t.worst not in case.may_flag]
        # On a full machine it is no error to say so; counted apart.
        crowded = [t for t in flagged if busy >= CROWDED and t.category == "cpu_contention"]
        result["crowded_flags"] = len(crowded)
        false = [t for t in flagged if t not in crowded]
        result["false_flags"] = len(false)
        result["false_flag_resources"] = dict(Counter(t.worst for t in false))
    else:
        flagged = [t for t in ticks if t.band_at_least(case.band) and t.category in allowed]
        if flagged:
            result["flag_seconds"] = round(flagged[0].time - subject.began, 1)
    return result


def confusion(results):
    """{expected: {got: count}}; an accepted alternative counts as what was expected."""
    matrix = defaultdict(Counter)
    for result in results:
        if not result["ladder"] and not result.get("disturbed"):
            matrix[result["expect"]][result["expect"] if result["right"] else result["got"]] += 1
    return matrix


def precision_and_recall(matrix):
    """{category: (precision, recall, labelled)}; None where there is no denominator."""
    said = Counter()
    for row in matrix.values():
        said.update(row)
    out = {}
    for category in sorted(set(matrix) | set(said)):
        right = matrix[category][category] if category in matrix else 0
        labelled = sum(matrix[category].values()) if category in matrix else 0
        out[category] = (right / said[category] if said[category] else None, right / labelled if labelled else None, labelled)
    return out


def ranks(values):
    """Mean ranks: equal values share theirs."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    out = [0.0] * len(values)
    at = 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and values[order[end + 1]] == values[order[at]]:
            end += 1
        for i in order[at:end + 1]:
            out[i] = (at + end) / 2
        at = end + 1
    return out


def spearman(pairs):
    """Rank correlation; None with fewer than three pairs or no variation."""
    if len(pairs) < 3:
        return None
    one, other = ranks([p[0] for p in pairs]), ranks([p[1] for p in pairs])
    mean = (len(pairs) - 1) / 2
    cov = sum((a - mean) * (b - mean) for a, b in zip(one, other))
    spread = (sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in other)) ** 0.5
    return cov / spread if spread else None


def ladders(results):
    """{ladder: (spearman, [(intensity, mean score)])}"""
    steps = defaultdict(list)
    for result in results:
        if result["ladder"] and result["score"] is not None:
            steps[result["ladder"]].append((result["intensity"], result["score"]))
    out = {}
    for name, pairs in steps.items():
        means = defaultdict(list)
        for intensity, score in pairs:
            means[intensity].append(score)
        out[name] = (spearman(pairs), sorted((i, sum(s) / len(s)) for i, s in means.items()))
    return out


def totals(results):
    cases = [r for r in results if not r["ladder"] and not r.get("disturbed")]
    negatives = [r for r in cases if r["negative"]]
    fast = [r for r in cases if r["fast"]]
    ticks = sum(r["ticks"] for r in negatives)
    return {
        "cases": len(cases), "right": sum(r["right"] for r in cases),
        "accepted": sum(r["accepted"] for r in cases),
        "negative_ticks": ticks, "crowded_flags": sum(r.get("crowded_flags", 0) for r in negatives), "false_flags": sum(r["false_flags"] for r in negatives),
        "fast": len(fast),
        "fast_in_time": sum(r["flag_seconds"] is not None and r["flag_seconds"] <= FAST for r in fast),
    }
