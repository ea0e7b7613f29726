"""What the panels have to show over the past of a large fleet: the known events, asked with the panels' own queries."""
from check_queries import ask, filled
from boards import boards, expressions
from history import DEPLOY
from large_series import BLOCK, BREACH, DAY, HOUR


def panel(of, where):
    """What a panel shows: [(labels, value)], the last of a range."""
    expr, instant = next((expr, instant) for board in boards() for w, expr, instant in expressions(board) if w == where)
    one = where.startswith("bottleneck-compare")
    seconds = of.seconds(where)
    result = ask(of, filled(of, where, expr, "shop-web-1" if one else ".+", seconds), seconds, instant)
    return [(r["metric"], float((r.get("value") or r["values"][-1])[1])) for r in result]


def lost(fleet):
    """Share of the time that the containers were held back, from the courses themselves."""
    count = {c: 0 for c in fleet.classes.values()}
    for host in range(fleet.hosts):
        for index in range(fleet.containers):
            count[fleet.kind_of(host, index)] += 1
    times = range(-(-(fleet.end - fleet.days * DAY) // BLOCK) * BLOCK, fleet.end + 1, BLOCK)
    held = sum(n * sum(score >= 0.5 for t in times for score in c.scores(t).values()) for c, n in count.items() if c.sick)
    return held / len(times) / (fleet.hosts * fleet.containers)


def compare(of, fleet):
    """[(what, known, shown, whether they agree)]."""
    host, rows = fleet.instance(fleet.special), []

    def add(what, known, where, choose=lambda labels: True, within=0.005, count=1):
        found = [v for labels, v in panel(of, where) if choose(labels)]
        shown = found[0] if found else None
        well = len(found) == count and abs(shown - known) <= within * max(1, abs(known))
        rows.append((f"{what} ({where.replace('bottleneck-', '')})", known, shown if len(found) == count else f"{len(found)} rows", well))

    special = lambda labels: labels.get("instance") == host and labels.get("name") == "shop-web-1"
    spent = 0.5 * BREACH + 0.002 * (28 * DAY - BREACH)
    add("deploy: when, in ms, and of nobody else", (fleet.end - DEPLOY) * 1000, "bottleneck-history / annotation New images", within=1e-9)
    add("deploy: CPU against the same hours of the day before", 0.4, "bottleneck-compare / Now against then / C", lambda l: l["what"] == "CPU, cores", within=0.02)
    add("regressions", 1, "bottleneck-history / Regressions / A")
    add("regression: CPU of the new image", 0.4, "bottleneck-history / New image against old / A", lambda l: special(l) and l["metric"] == "cpu")
    add("budgets spent", 1, "bottleneck-history / Budgets spent / A")
    add("breach: what is left of 28 days", 1 - spent / (0.01 * 28 * DAY), "bottleneck-history / Budgets / B", special)
    add("breach: burn over 6 h", 50, "bottleneck-history / Budgets / D", special)
    leaks = sum(fleet.kind_of(h, i).leaks for h in range(fleet.hosts) for i in range(fleet.containers))
    add("OOM kills", leaks * fleet.days * DAY // (8 * HOUR), "bottleneck-history / OOM kills / A", within=0.002)
    add("time lost", lost(fleet), "bottleneck-history / Time lost / A", within=0.001)
    add("containers", fleet.hosts * fleet.containers, "bottleneck-fleet / Containers / A")
    return rows
