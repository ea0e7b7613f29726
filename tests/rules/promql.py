"""Enough of PromQL to say which metrics, labels and functions an expression uses."""
import re

FUNCTIONS = set("""abs absent absent_over_time avg avg_over_time bottomk ceil changes clamp clamp_max clamp_min count
count_over_time count_values delta deriv exp floor group histogram_quantile idelta increase irate label_join label_replace
last_over_time ln log10 log2 max max_over_time min min_over_time predict_linear present_over_time quantile
quantile_over_time rate resets round scalar sgn sort sort_desc sqrt stddev stddev_over_time stdvar stdvar_over_time sum
sum_over_time time timestamp topk vector""".split())  # stable in 2.42 and 3.x
KEYWORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool"}


def uses(expression):
    """(metrics, labels, unknown words, durations, whether it has a subquery)"""
    labels = set()
    text = re.sub(r"#.*", "", expression)
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    for block in re.findall(r"\{([^}]*)\}", text):
        labels.update(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", block))
    text = re.sub(r"\{[^}]*\}", "", text)
    for block in re.findall(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)", text):
        labels.update(re.findall(r"\w+", block))
    text = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    subquery = bool(re.search(r"\[[^\]]*:[^\]]*\]", text))
    durations = re.findall(r"\[([^\]]*)\]", text) + re.findall(r"\boffset\s+(\S+?)(?=[\s)]|$)", text)
    text = re.sub(r"\[[^\]]*\]", "", re.sub(r"\boffset\s+[\w]+", "", text))
    words = set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.sub(r"\b\d[\w.]*", "", text)))
    metrics = {word for word in words if word.startswith("bottleneck_") or ":" in word or word in ("up", "ALERTS")}
    return metrics, labels, words - metrics - FUNCTIONS - KEYWORDS, durations, subquery


def queries_of(annotation):
    """The PromQL of {{ query (printf "..." ...) }} in a text, with %q filled."""
    out = []
    for text in re.findall(r'query \(printf "((?:[^"\\]|\\.)*)"', annotation):
        out.append(text.replace('\\"', '"').replace("%q", '"x"'))
    return out
