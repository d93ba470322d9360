"""A department's JSON becomes the contract's: 20 fields renamed, dates, code tables."""
import json
import urllib.request

from bench import gateway
from bench.figures import median, middle_half
from bench.load import Load
from bench.origin import slug
from bench.processes import Failed
from bench.result import Result
from bench.rounds import Cell, measure, samples

NAME, TITLE = "mapping", "JSON → JSON: 20 renamed fields, dates, code tables"
BOUNDS = {"1 KB": {"nginx": 0.7, "Envoy": 0.25}, "10 KB": {"nginx": 0.4, "Envoy": 0.25}}


def run(bench):
    result = Result(NAME, TITLE)
    ours = bench.gateway()
    peers, missing = bench.peers("mapping")
    cells = []
    for case in BOUNDS:
        cells.append(Cell(case, ours.name, ours.program, ours.url + gateway.case_path("mapping", case), Load(fields=gateway.KEYED)))
        cells += [Cell(case, peer.name, peer.program, f"{peer.url}/case/{slug(case)}", Load()) for peer in peers]
    same(cells)
    rows = measure(cells)
    alone = mapping_alone(bench, ours)
    bench.stop(ours, *peers)
    result.cells(rows, missing)
    for case, bounds in BOUNDS.items():
        for peer, bound in bounds.items():
            result.check_ratio(rows, case, peer, bound)
    result.data["cells"] += alone
    result.table("What the mapping adds to a pass-through with the same key, on one connection", ["", "added CPU µs/request", "middle half"], [
        added(case, alone) for case in BOUNDS])
    result.note("The peers map and do nothing else. Tongban's figure has the key, the grant, the limit and the contract's typing in it, "
                "which an operation cannot do without. All replies were compared as JSON before the first round.")
    return result


def same(cells):
    """All proxies of a case give the same JSON, or the comparison means nothing."""
    answers = {}
    for cell in cells:
        fields = dict(field.split(": ", 1) for field in cell.load.fields)
        with urllib.request.urlopen(urllib.request.Request(cell.url, headers=fields), timeout=10) as answer:
            answer = json.loads(answer.read())
        if answers.setdefault(cell.case, answer) != answer:
            raise Failed(f"{cell.proxy} gives another JSON than Tongban for {cell.case}")


def mapping_alone(bench, ours):
    """On one connection: on many, the slower side leaves the load and the origin idle between its requests and pays for waking them."""
    load = Load(connections=1, fields=gateway.KEYED)
    cells = []
    for case in BOUNDS:
        cells.append(Cell(case, "passed", ours.program, f"{ours.url}/keyed/case/{slug(case)}", load))
        cells.append(Cell(case, "mapped", ours.program, ours.url + gateway.case_path("mapping", case), load))
    return measure(cells)


def added(case, rows):
    differences = [a - b for a, b in zip(samples(rows, case, "mapped"), samples(rows, case, "passed"))]
    if not differences:
        return [case, "n/a", ""]
    low, high = middle_half(differences)
    return [case, f"{median(differences):.1f}", f"{low:.1f}–{high:.1f}"]
