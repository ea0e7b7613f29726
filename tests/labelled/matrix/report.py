"""The result in words: on the terminal, and as the committed table."""

import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from .verdict import FAST, MONOTONE, confusion, ladders, precision_and_recall, totals


def _first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return (done.stdout or done.stderr).strip().split("\n")[0]


def versions(bench):
    return {
        "exporter": _first_line(str(bench.exporter.command[0]), "--version"),
        "engine": bench.engine.docker("version", "--format", "{{.Server.Version}}"),
        "stress-ng": _first_line("stress-ng", "--version"),
        "cgroup": "v1 or hybrid" if bench.facts["v1"] else "v2",
        "cpus": bench.facts["cpu_count"], "memory_mb": bench.facts["memory_mb"],
        "date": time.strftime("%Y-%m-%d"),
    }


def not_built(data):
    """[(case, why)], the disturbed ones included."""
    out = [(a["case"], a["reason"]) for a in data.get("not_built", [])]
    return out + [(f"{r['case']}, round {r['round']}", r["disturbed"]) for r in data["results"] if r.get("disturbed")]


def crowded(total):
    n = total["crowded_flags"]
    return f"; {n} more said cpu_contention while the machine was full of other work, which was true" if n else ""


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def ratio(value):
    return "-" if value is None else f"{value:.2f}"


def by_case(results):
    cases = defaultdict(list)
    for result in results:
        if not result["ladder"] and not result.get("disturbed"):
            cases[result["case"]].append(result)
    return cases


def print_summary(data):
    """Prints what was found; the exit status says whether every case was right and every change did its work."""
    results = data["results"]
    total = totals(results)
    matrix = confusion(results)
    print("\nconfusion (expected: said)")
    for expected in sorted(matrix):
        print(f"  {expected:15}", ", ".join(f"{got} {n}" for got, n in matrix[expected].most_common()))
    print("precision and recall")
    for category, (precision, recall, labelled) in precision_and_recall(matrix).items():
        print(f"  {category:15} {ratio(precision)} {ratio(recall)} of {labelled}")
    for name, (rho, steps) in sorted(ladders(results).items()):
        print(f"ladder {name}: Spearman {ratio(rho)}:", " ".join(f"{i:g}->{s:.2f}" for i, s in steps))
    for change in data["changes"]:
        print(f"change of {change['case']}: {', '.join(change['recommendations'])}: {len(change['applied'])} applied, cleared "
              f"{change['cleared']}, undone {change['undone']}", *change["problems"], sep="\n    ")
    for case, reason in not_built(data):
        print(f"not built here: {case}: {reason}")
    failed = failures(data)
    for line, forgiven in misses(data):
        if forgiven:
            print("missed once, right alone:", line)
    for line in failed:
        print("FAIL", line)
    print(f"right {total['right']} of {total['cases']} ({percent(total['right'], total['cases'])}), {total['accepted']} of them by an "
          f"accepted alternative; fast faults within {FAST:.0f} s: {total['fast_in_time']} of {total['fast']}; false medium or worse: "
          f"{total['false_flags']} of {total['negative_ticks']} negative ticks{crowded(total)}; host busy {data['busy']:.0%}; {data['seconds']} s; "
          f"seed {data['seed']}")
    tests = total["cases"] + len(data["changes"]) + len(ladder_names(results))
    tests -= sum(forgiven for _, forgiven in misses(data))  # with its second try it is one test
    print(f"{tests - len(failed)} passed, {len(failed)} failed, {len(not_built(data))} skipped")
    return 1 if failed or not results else 0


def problems_of(result):
    """What is wrong with one case; nothing for a step of a ladder and for one that was not what it is to be."""
    if result["ladder"] or result.get("disturbed"):
        return []
    problems = []
    if not result["right"]:
        problems.append(f"{result['got']} instead of {result['expect']}")
    if not result["negative"] and result["flag_seconds"] is None:
        problems.append("never flagged")
    # One tick is the reading's own grain.
    if result["false_flags"] > max(1, 0.005 * result["ticks"]):
        problems.append(f"{result['false_flags']} of {result['ticks']} ticks falsely flagged {result['false_flag_resources']}")
    return problems


def ladder_names(results):
    return sorted({r["ladder"] for r in results if r["ladder"]})


def misses(data):
    """[(line, whether the short run's second try of it was right)], one a missed case."""
    out = []
    for r in data["results"]:
        problems = problems_of(r)
        if problems:
            second = [o for o in data["results"] if o["case"] == r["case"] and o["round"] == r["round"] + data["rounds"]]
            right = data["short"] and second and not second[0].get("disturbed") and not problems_of(second[0])
            out.append((f"{r['case']} (round {r['round']}, {r['values']}): {'; '.join(problems)}", bool(right)))
    return out


def failures(data):
    """One line a failed case or change."""
    out = [line for line, forgiven in misses(data) if not forgiven]
    for c in data["changes"]:
        if set(c["recommendations"]) - set(c["cleared"]) or not c["undone"]:
            out.append(f"change of {c['case']}: {'; '.join(c['problems']) or 'not cleared'}")
    for name in ladder_names(data["results"]):
        blind = sum(r["ladder"] == name and r["score"] is None for r in data["results"])
        rho, steps = ladders(data["results"]).get(name, (None, []))
        if blind:
            out.append(f"ladder {name}: {blind} steps without a score")
        elif len(steps) > 2 and (rho is None or rho < MONOTONE):  # all scores alike: no correlation
            out.append(f"ladder {name}: Spearman {ratio(rho)}")
    return out


# --- the committed table

def case_rows(results):
    for name, runs in by_case(results).items():
        right = sum(r["right"] for r in runs)
        said = defaultdict(int)
        for r in runs:
            said[r["got"]] += 1
        flags = [r["flag_seconds"] for r in runs if r["flag_seconds"] is not None]
        first = runs[0]
        if first["negative"]:
            flag = f"{sum(r['false_flags'] for r in runs)} of {sum(r['ticks'] for r in runs)} ticks"
        else:
            flag = f"{statistics.median(flags):.0f} s ({max(flags):.0f})" if flags else "never"
        scores = [r["score"] for r in runs if r["score"] is not None]
        yield (name, first["expect"], f"{right} of {len(runs)}", ", ".join(f"{k} {n}" for k, n in said.items()),
               f"{statistics.median(scores):.2f}" if scores else "-", flag)


def table(head, rows):
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return out + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def section(title, data):
    results, v, total = data["results"], data["versions"], totals(data["results"])
    fast = [r["flag_seconds"] for r in results if r["fast"] and r["flag_seconds"] is not None and not r["ladder"]]
    out = [f"## {title}", "",
           f"{v['date']}, Linux {data['kernel']}, cgroup {v['cgroup']}, {v['cpus']} CPUs, {v['memory_mb']} MB, engine {v['engine']}, "
           f"{v['stress-ng'].split(' (')[0]}, {v['exporter']}; seed {data['seed']}; every case {data['rounds']} times; machine busy "
           f"{data['busy']:.0%} on average; {data['seconds']} s.", ""]
    out += table(["measure", "target", "measured"], [
        ("category right", ">= 98 %", f"**{percent(total['right'], total['cases'])}** ({total['right']} of {total['cases']}, "
                                      f"{total['accepted']} by an accepted alternative)"),
        ("false medium or worse on negatives", "<= 0.5 % of ticks", f"**{percent(total['false_flags'], total['negative_ticks'])}** "
                                                                    f"({total['false_flags']} of {total['negative_ticks']}"
                                                                    + crowded(total) + ")"),
        ("fast faults flagged within 20 s", "all", f"**{total['fast_in_time']} of {total['fast']}**, median "
                                                  f"{statistics.median(fast):.0f} s, longest {max(fast):.0f} s" if fast else "-"),
        *((f"Spearman, {name}", f">= {MONOTONE}", f"**{ratio(rho)}** (" + ", ".join(f"{i:g}: {s:.2f}" for i, s in steps) + ")")
          for name, (rho, steps) in sorted(ladders(results).items()))])
    if "ladders_from" in data:
        out += ["", f"Intensities in a run of their own: {data['ladders_from']}."]
    out += ["", "Busy share of the machine in each window (last round): " +
            ", ".join(f"{name} {share:.0%}" for name, share in data["windows"][:data["rounds"]][-1].items()) + ".", ""]
    matrix = confusion(results)
    columns = sorted(set(matrix) | {got for row in matrix.values() for got in row})
    out += ["Rows: what was injected. Columns: what was said.", ""]
    out += table(["", *columns], [(f"**{row}**", *(matrix[row][c] or "" for c in columns)) for row in sorted(matrix)])
    out += [""] + table(["category", "precision", "recall", "labelled"], [
        (c, ratio(p), ratio(r), n) for c, (p, r, n) in precision_and_recall(matrix).items()])
    out += ["", "Time to flag: median (longest). Negatives: ticks with a false medium or worse.", ""]
    out += table(["case", "expected", "right", "said", "score", "flagged"], case_rows(results))
    if data["changes"]:
        out += ["", f"Printed changes, executed ({data.get('changes_from', 'first round')}): cleared after so many seconds, and whether "
                "every undo restored the exact settings.", ""]
        out += table(["case", "recommendation", "applied", "cleared after", "undo exact", "remarks"], [
            (c["case"], ", ".join(c["recommendations"]), "<br>".join(f"`{a}`" for a in c["applied"]),
             ", ".join(f"{s:.0f} s" for s in c["cleared"].values()) or "-", "yes" if c["undone"] else "no",
             "; ".join(p.replace("\n", " ").replace("|", "/")[:160] for p in c["problems"]))
            for c in data["changes"]])
    missed = failures(data)
    if missed:
        out += ["", "What was not right:", ""] + [f"- {line[:400]}".replace("\n", " ") for line in missed]
    if not_built(data):
        out += ["", "Not built here, and not counted:", ""] + [f"- {case}: {reason}" for case, reason in not_built(data)]
    return out + [""]


def place(data):
    return "cgroup v2 guest (emulated)" if data["guest"] else f"{data['versions']['cgroup']} host"


def quoted(runs):
    """The short table of the README."""
    rows = []
    totals_ = [totals(data["results"]) for data in runs]
    rows.append(("category right", ">= 98 %", *(f"{percent(t['right'], t['cases'])} of {t['cases']}" for t in totals_)))
    rows.append(("false medium or worse, of the ticks of harmless containers", "<= 0.5 %",
                 *(f"{percent(t['false_flags'], t['negative_ticks'])} of {t['negative_ticks']}" for t in totals_)))
    rows.append((f"fast faults flagged within {FAST:.0f} s", "all", *(f"{t['fast_in_time']} of {t['fast']}" for t in totals_)))
    names = sorted({name for data in runs for name in ladders(data["results"])})
    for name in names:
        rows.append((f"score against injected intensity, Spearman, {name}", f">= {MONOTONE}",
                     *(ratio(ladders(data["results"]).get(name, (None, []))[0]) for data in runs)))
    first = runs[0]
    out = [f"Measured {first['versions']['date']}, " + "; ".join(
        f"{place(d)}: Linux {d['kernel']}, {d['rounds']} rounds of every case, machine {d['busy']:.0%} busy, "
        f"{len(not_built(d))} not built" for d in runs) + ":", ""]
    return out + table(["measure", "target", *(place(data) for data in runs)], rows)


def quote(readme, lines):
    """Between its markers."""
    text = readme.read_text()
    begin, end = "<!-- labelled -->", "<!-- /labelled -->"
    head, rest = text.split(begin, 1)
    readme.write_text(head + begin + "\n" + "\n".join(lines) + "\n\n" + end + rest.split(end, 1)[1])


def add_ladders(first, data, run):
    """Those of another run that the first did not make."""
    have = ladders(first["results"])
    more = [r for r in data["results"] if r["ladder"] and r["ladder"] not in have]
    first["results"] += more
    if more:
        first["ladders_from"] = f"{run}, {data['rounds']} rounds, machine busy {data['busy']:.0%}"


def merged(runs):
    """One a place, the first; a later run there only adds the changes that it executed, and ladders that are missing."""
    places = {}
    for data in runs:
        first = places.setdefault(data["guest"], data)
        if first is data:
            continue
        v = data["versions"]
        one = f"{v['date']}, {v['exporter']}, seed {data['seed']}"
        add_ladders(first, data, one)
        if not data["changes"]:
            continue
        first["changes"] += data["changes"]
        before = first.get("changes_from") or ("first round" if len(first["changes"]) > len(data["changes"]) else "")
        first["changes_from"] = f"{before}; {one}" if before else f"in runs of their own: {one}"
    return list(places.values())


def write(path, files):
    path = Path(path)
    out = ["# The labelled matrix", "",
           "Written by `tests/labelled/run.sh report`. Real containers with injected faults and harmless habits (`cases.py`), each "
           "with drawn values, beside three busy neighbours; what is said of a case is its category over the last 20 s.", ""]
    runs = merged([json.loads(Path(file).read_text()) for file in files])
    for data in runs:
        out += section("cgroup v2, in a virtual machine (emulated)" if data["guest"] else "A shared host, cgroup v1 and hybrid", data)
    path.write_text("\n".join(out).rstrip() + "\n")
    quote(path.parents[2] / "README.md", quoted(runs))


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2:])
