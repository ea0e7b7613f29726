"""What a load is known to do to a number."""


class Expectation:
    def __init__(self, text, holds):
        self.text, self.holds = text, holds

    def __call__(self, value):
        return value is not None and self.holds(value)

    def __repr__(self):
        return self.text


def at_least(bound):
    return Expectation(f"at least {bound:g}", lambda value: value >= bound)


def between(low, high):
    return Expectation(f"between {low:g} and {high:g}", lambda value: low <= value <= high)


def exactly(number):
    return Expectation(f"exactly {number:g}", lambda value: abs(value - number) < 1e-6 * max(1, abs(number)))


def present():
    return Expectation("present", lambda value: True)
