"""The list of cases. Each has the alert (or "") it is about, "fires", "silent" or "holds", and a sentence that says why."""
CASES = []


def case(alert, kind, why):
    def add(function):
        CASES.append((alert, kind, why, function))
        return function
    return add
