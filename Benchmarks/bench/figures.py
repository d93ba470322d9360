"""Medians, spreads and how figures are written."""
import statistics


def median(values):
    return statistics.median(values)


def middle_half(values):
    """What the middle half of the values lies between."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return ordered[quarter], ordered[-1 - quarter]


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def ratio(ours, theirs):
    """The median of what neighbours in the same round show, and its middle half: the machine's speed drifts."""
    pairs = [a / b for a, b in zip(ours, theirs) if b]
    return (median(pairs), *middle_half(pairs)) if pairs else None


def short(value):
    if value is None:
        return "n/a"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def milliseconds(microseconds):
    return f"{microseconds / 1000:.2f}"
