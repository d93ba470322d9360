"""Does an exchange cost more where there is much to choose from: 1, 1,000 and 100,000 item codes, and as many plain routes."""
from bench import documents, gateway, settings
from bench.figures import ratio
from bench.load import Load
from bench.result import Result
from bench.rounds import Cell, measure, samples
from bench.template import fill_file

NAME, TITLE = "many", "1, 1,000 and 100,000 item codes and routes"
COUNTS = [1, 1_000, 100_000]
SPREAD = 1_000                      # how many of them the load asks for in turn, over the whole range


def run(bench):
    result = Result(NAME, TITLE)
    started, cells = [], []
    for count in COUNTS:
        ours = bench.gateway(departments=departments(bench, count))
        started.append(ours)
        for kind, paths in (("item codes", [f"/v1/items/{item}" for item in asked(items(count))]),
                            ("routes", [f"/r/{number}/x" for number in asked(range(count))])):
            listed = bench.workshop.write(f"{kind}-{count}.list", "".join(f"{path}\t{gateway.KEYED[0]}\n" for path in paths))
            cells.append(Cell(kind, f"{count:,}", ours.program, ours.url, Load(script="listed", listed=listed)))
    rows = measure(sorted(cells, key=lambda cell: cell.case))
    bench.stop(*started)
    result.cells(rows, ours="1")
    for kind in ("item codes", "routes"):
        for count in COUNTS[1:]:
            found = ratio(samples(rows, kind, f"{count:,}"), samples(rows, kind, "1"))
            result.check(f"{count:,} {kind} ÷ 1, CPU", found[0] if found else None, 1.1, unit=" ×", spread=found[1:] if found else None)
    result.note(f"The load asks for {SPREAD:,} of them in turn, so that the processor's caches do not hold one entry only.")
    return result


def items(count):
    owner = documents.authority(1)
    return [f"{owner}2{number:012d}" for number in range(count)]


def asked(everything):
    return everything[::max(1, len(everything) // SPREAD)]


def departments(bench, count):
    template = f"{settings.HERE}/gateway/items.yaml"
    listed = "\n".join(f"  - {item}" for item in items(count))
    routes = "".join(f"  - {{ id: r{number}, match: {{ path: /r/{number}/x }}, access: anyone, rewrite: {{ prefix: /plain/1kb }} }}\n"
                     for number in range(count))
    return {"items": fill_file(template, ORIGIN=bench.origin.port, ITEMS=listed),
            "routes": f"department: routes\nupstream: {{ endpoints: [http://127.0.0.1:{bench.origin.port}] }}\noperations: {{}}\nroutes:\n{routes}"}
