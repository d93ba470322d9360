"""Bytes both ways, nothing decided: replies of three sizes, and a POST."""
from bench import documents
from bench.figures import median
from bench.load import Load
from bench.origin import slug
from bench.result import Result
from bench.rounds import Cell, measure, samples

NAME, TITLE = "pass-through", "Pass-through, 64 keep-alive connections"
POST = "POST 1 KB"
BOUNDS = {"1 KB": {"nginx": 1.0, "HAProxy": 1.0, "Envoy": 0.42}, "10 KB": {"nginx": 1.0, "HAProxy": 1.0},
          POST: {"nginx": 1.0, "HAProxy": 1.0, "Envoy": 0.42}, "100 KB": {"nginx": 1.1}}


def run(bench):
    result = Result(NAME, TITLE)
    ours = bench.gateway()
    peers, missing = bench.peers("pass-through")
    cells = []
    for case in [*documents.SIZES, POST]:
        path = "/plain/" + slug("1 KB" if case == POST else case)
        load = Load(script="post" if case == POST else "report")
        cells += [Cell(case, each.name, each.program, each.url + path, load) for each in [ours, *peers]]
        cells.append(Cell(case, "no proxy", bench.origin.program, bench.origin.url + path, load))
    rows = measure(cells)
    bench.stop(ours, *peers)
    result.cells(rows, missing)
    for case, bounds in BOUNDS.items():
        for peer, bound in bounds.items():
            result.check_ratio(rows, case, peer, bound)
    for case in dict.fromkeys(row["case"] for row in rows):
        rates = {row["proxy"]: median(samples(rows, case, row["proxy"], "rate")) for row in rows if row["case"] == case and row["samples"]}
        origin = rates.pop("no proxy", 0)
        if rates:
            result.check(f"{case}: the origin alone ÷ the fastest proxy, requests/s", origin / max(rates.values()), 1.0, at_most=False, unit=" ×")
    return result
