"""LARGE.md: what a run of large.py found, as tables."""
import datetime
import os
import pathlib
import subprocess


def short(number):
    return f"{number:,.3f}".rstrip("0").rstrip(".") if isinstance(number, (int, float)) else str(number)


def write(path, made, asked, values, groups, cost):
    version = subprocess.run(["prometheus", "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0].split(" (")[0]
    out = [
        "# A large fleet over weeks", "",
        f"`tests/dashboards/large.sh`, {datetime.date.today().isoformat()}, {version}, {os.cpu_count()} CPUs. What the past is, and why it is honest: `large_past.py`.", "",
        "| | |", "|---|---|",
        f"| hosts x containers x days | {made['hosts']} x {made['containers'] // made['hosts']} x {made['days']} |",
        f"| series | {made['series']:,} |", f"| samples | {made['samples']:,} |",
        f"| blocks | {made['blocks']}, {made['bytes'] / 1e9:.2f} GB |",
        f"| text that went through promtool | {made['text_bytes'] / 1e9:.0f} GB, {made['seconds'] / 60:.0f} minutes |", "",
        "## Queries", "",
        "At the range that a dashboard opens with (history: 28 days). Slowest and median of its queries, choices and annotations included; what took more than a second was "
        "asked three times, and the fastest counts: other work on the machine is in the others.", "",
        "| dashboard | queries | median, s | slowest, s | which |", "|---|---|---|---|---|",
    ]
    for uid in sorted({where.split(" / ")[0] for where, *_ in asked}):
        mine = sorted((took, where) for where, took, _ in asked if where.startswith(uid + " / "))
        out.append(f"| {uid} | {len(mine)} | {mine[len(mine) // 2][0]:.2f} | {mine[-1][0]:.2f} | {mine[-1][1].split(' / ', 1)[1]} |")
    over = sorted(((took, where) for where, took, _ in asked if took > 2), reverse=True)
    out += ["", "Over 2 s: " + ("; ".join(f"{where} {took:.1f} s" for took, where in over) or "none") + ".", "",
            "The ten slowest: " + "; ".join(f"{where.removeprefix('bottleneck-')} {took:.2f} s" for took, where in sorted(((t, w) for w, t, _ in asked), reverse=True)[:10]) + ".", "",
            "## Known values", "", "| what | known | shown | |", "|---|---|---|---|"]
    out += [f"| {what} | {short(known)} | {short(shown)} | {'as known' if well else '**differs**'} |" for what, known, shown, well in values]
    if groups:
        out += ["", "## Rules", "", f"While the hosts go on, scraped every 15 s with the fleet profile, after the windows of five minutes are full. Prometheus used {cost['cores']:.2f} cores for "
                f"scraping and rules, and the machine was {cost['busy']:.0%} busy: where that is much more, the slowest evaluations waited for a CPU.", "",
                "| group | rules | interval, s | evaluations | median, s | slowest, s | median of the interval |", "|---|---|---|---|---|---|---|"]
        out += [f"| {g['name']} | {g['rules']} | {g['interval']} | {g['evaluations']} | {g['median']:.2f} | {g['slowest']:.2f} | {g['median'] / g['interval']:.1%} |" for g in groups]
    pathlib.Path(path).write_text("\n".join(out) + "\n")
