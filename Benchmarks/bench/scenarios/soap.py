"""SOAP whose string is GBK XML, escaped, becomes the contract's JSON; beside it the parses alone, in C."""
import json
import os
import subprocess

from bench import documents, gateway, settings
from bench.figures import median, middle_half
from bench.load import Load, need
from bench.origin import slug
from bench.processes import Failed
from bench.result import Result
from bench.rounds import Cell, measure, samples

NAME, TITLE = "soap", "SOAP with escaped GBK XML → JSON"
RATES = {"1 KB": 17_000, "10 KB": 2_700, "100 KB": 210}
BOTH = f"{settings.PROXY_CORE},{settings.LOAD_CORE}"


def run(bench):
    result = Result(NAME, TITLE)
    ours = bench.gateway()
    cells = []
    for case in documents.SIZES:
        load = Load(fields=gateway.KEYED)
        cells.append(Cell(case, ours.name, ours.program, ours.url + gateway.case_path("soap", case), load))
        cells.append(Cell(case, "passed through", ours.program, f"{ours.url}/keyed/soap/{slug(case)}", load))
    rows = measure(cells)
    bench.stop(ours)
    result.cells(rows)
    two_cores(bench, result)
    parses(bench, result, rows)
    return result


def two_cores(bench, result):
    """Everything on the same two cores, load and origin too, so the gateway has less than two; its own two are what its CPU time says."""
    both = bench.gateway(workers=2, cores=(settings.PROXY_CORE, settings.LOAD_CORE))
    cells = [Cell(f"{case}, two workers", both.name, both.program, both.url + gateway.case_path("soap", case), Load(fields=gateway.KEYED))
             for case in documents.SIZES]
    rows = measure(cells)
    bench.stop(both)
    result.data["cells"] += rows
    lines = []
    for case, bound in RATES.items():
        name = f"{case}, two workers"
        rate, us = (samples(rows, name, both.name, figure) for figure in ("rate", "us"))
        if rate:
            own = [2e6 / each for each in us]
            lines.append([case, f"{median(rate):,.0f}", f"{median(own):,.0f}", "{:,.0f}–{:,.0f}".format(*middle_half(own)), f"{bound:,}"])
        result.check(f"{case}: requests/s of two cores (2 s of CPU ÷ CPU per request)", median(own) if rate else None, bound, at_most=False)
    result.table("Two workers on two cores, which the load and the origin share",
                 ["", "requests/s measured", "requests/s of two whole cores", "middle half", "to reach"], lines)


def parses(bench, result, rows):
    """The same replies through iconv and libxml2 alone, twice as the gateway must: the envelope, and the document in it."""
    try:
        program = compiled(bench)
    except Failed as failure:
        result.note(f"The parses alone are n/a: {failure}")
        return
    lines = []
    for case in documents.SIZES:
        path = os.path.join(bench.workshop.folder, "origin", "soap", slug(case))
        alone = []
        for _ in range(settings.ROUNDS):
            run = subprocess.run(["taskset", "-c", str(settings.PROXY_CORE), program, path, "0.5"], capture_output=True, text=True)
            if run.returncode:
                raise Failed(f"soap-parse: {run.stderr}")
            alone.append(json.loads(run.stdout)["us"])
        result.data["cells"].append({"case": case, "proxy": "libxml2 and iconv", "samples": [{"us": each} for each in alone]})
        whole, passed = samples(rows, case, "Tongban"), samples(rows, case, "passed through")
        if not whole or not passed:
            continue
        added = median([a - b for a, b in zip(whole, passed)])
        lines.append([case, *[f"{each:.1f}" for each in (median(alone), median(whole), added)]])
        result.check(f"{case}: what SOAP adds to passing it through ÷ the parses alone", added / median(alone), 1.5, unit=" ×")
        result.check(f"{case}: the whole exchange ÷ the parses alone", median(whole) / median(alone), 1.5, unit=" ×")
    result.table("Beside libxml2 and iconv alone, CPU µs", ["", "the two parses in C", "the whole exchange", "added to passing it through"], lines)


def compiled(bench):
    program = bench.workshop.path("soap-parse")
    flags = subprocess.run([need("pkg-config"), "--cflags", "--libs", "libxml-2.0"], capture_output=True, text=True)
    run = subprocess.run(
        [need("cc"), "-O2", "-o", program, f"{settings.HERE}/programs/soap-parse.c", *flags.stdout.split()], capture_output=True, text=True)
    if flags.returncode or run.returncode:
        raise Failed(f"it does not compile: {flags.stderr or run.stderr}"[:300])
    return program
