"""What a scenario found: raw samples, tables for the page, and what was to be reached."""
from bench.figures import median, middle_half, milliseconds, ratio, short
from bench.rounds import samples


class Result:
    def __init__(self, scenario, title):
        self.data = {"scenario": scenario, "title": title, "cells": [], "tables": [], "checks": [], "notes": [], "bars": []}

    def note(self, text):
        self.data["notes"].append(text)

    def table(self, title, columns, rows):
        self.data["tables"].append({"title": title, "columns": columns, "rows": rows})

    def check(self, what, value, bound, at_most=True, unit="", spread=None):
        """One line of the summary: what was found beside what was to be reached."""
        shown = short(value) + unit if value is not None else "n/a"
        if spread:
            shown += f" ({short(spread[0])}–{short(spread[1])})"
        reached = None if value is None else (value <= bound if at_most else value >= bound)
        self.data["checks"].append({
            "what": what, "found": shown, "reach": f"{'≤' if at_most else '≥'} {short(bound) if bound < 1000 else f'{bound:,}'}{unit}", "reached": reached})

    def cells(self, rows, missing=None, ours="Tongban"):
        """The usual table of proxies: for every case, what each needs and what Tongban needs beside it. Raw samples are kept."""
        self.data["cells"] += rows
        cases = list(dict.fromkeys(row["case"] for row in rows))
        for case in cases:
            shown = [self.line(row, rows, ours) for row in rows if row["case"] == case]
            shown += [[name, *["n/a"] * 7, why] for name, why in (missing or {}).items()]
            columns = ["", "CPU µs/request", "middle half", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "memory MiB", f"{ours} ÷ it"]
            self.table(case, columns, shown)
            self.data["bars"].append({"title": case, "bars": [
                [row["proxy"], median([s["us"] for s in row["samples"]])] for row in rows if row["case"] == case and row["samples"]]})

    def line(self, row, rows, ours):
        if not row["samples"]:
            return [row["proxy"], *["n/a"] * 7, row.get("missing", "")]
        us = [sample["us"] for sample in row["samples"]]
        beside = ratio(samples(rows, row["case"], ours), us) if row["proxy"] != ours else None
        low, high = middle_half(us)
        return [row["proxy"], short(median(us)), f"{short(low)}–{short(high)}", short(median([s["rate"] for s in row["samples"]])),
                *[milliseconds(median([s[name] for s in row["samples"]])) for name in ("p50", "p99", "p999")],
                short(row["memory"] / 1024), f"{beside[0]:.2f} ({beside[1]:.2f}–{beside[2]:.2f})" if beside else ""]

    def check_ratio(self, rows, case, peer, bound, ours="Tongban"):
        found = ratio(samples(rows, case, ours), samples(rows, case, peer))
        self.check(f"{case}: {ours} ÷ {peer}, CPU", found[0] if found else None, bound, unit=" ×", spread=found[1:] if found else None)
