"""Reads the generated dashboards for the tests."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "dashboards"


def boards():
    return [json.loads(path.read_text()) for path in sorted(FOLDER.glob("bottleneck-*.json"))]


def panels(board):
    """Panels without rows, those of collapsed rows included."""
    for panel in board["panels"]:
        if panel["type"] != "row":
            yield panel
        yield from panel.get("panels", [])


def expressions(board):
    """(where, expression, whether it is asked for one moment) of panels, annotations and variables."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield f"{board['uid']} / {panel['title']} / {target['refId']}", target["expr"], bool(target.get("instant"))
    for annotation in board["annotations"]["list"]:
        if "expr" in annotation:
            yield f"{board['uid']} / annotation {annotation['name']}", annotation["expr"], False
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
            yield f"{board['uid']} / variable {variable['name']}", f"count by ({label}) ({selector})", True


# Words of PromQL that are no names of metrics.
KEYWORDS = set("""by on and or unless without ignoring group_left group_right offset bool inf nan start end
sum min max avg count group stddev stdvar topk bottomk quantile count_values abs absent ceil clamp clamp_max clamp_min
exp floor histogram_quantile increase irate delta deriv label_join label_replace ln log2 log10 rate round scalar sqrt
time timestamp vector avg_over_time min_over_time max_over_time sum_over_time count_over_time quantile_over_time
stddev_over_time last_over_time changes resets predict_linear absent_over_time sort sort_desc sgn""".split())


def metrics(expression):
    """Names of the metrics of an expression."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    text = re.sub(r"\{[^}]*\}", "{}", text)
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    text = re.sub(r"\[[^\]]*\]", "[]", text)
    text = re.sub(r"\boffset\s+(\$\w+|\d+[smhdwy])", " ", text)
    names = re.findall(r"(?<![\w:$.])[a-zA-Z_][\w:]*", text)
    return {name for name in names if name.lower() not in KEYWORDS}
