"""Two workers on two cores instead of one on one."""
from bench import settings
from bench.figures import median, middle_half
from bench.load import Load
from bench.result import Result
from bench.rounds import Cell, measure, samples

NAME, TITLE = "cores", "Two cores instead of one, pass-through 1 KB"
PATH = "/plain/1kb"


def run(bench):
    result = Result(NAME, TITLE)
    one = bench.gateway()
    two = bench.gateway(workers=2, cores=(settings.PROXY_CORE, settings.LOAD_CORE))
    rows = measure([Cell("pass-through 1 KB", "one worker", one.program, one.url + PATH, Load()),
                    Cell("pass-through 1 KB", "two workers", two.program, two.url + PATH, Load())])
    bench.stop(one, two)
    result.cells(rows, ours="one worker")
    speedups = [2 * a / b for a, b in zip(samples(rows, "pass-through 1 KB", "one worker"), samples(rows, "pass-through 1 KB", "two workers"))]
    result.check("throughput of two whole cores ÷ one (2 × CPU per request with one worker ÷ with two)",
                 median(speedups) if speedups else None, 1.8, at_most=False, unit=" ×", spread=middle_half(speedups) if speedups else None)
    result.note("With two workers the load and the origin share the gateway's cores, so requests/s of that line says nothing; the ratio is "
                "that of CPU time per request, which shows what workers cost each other (locks, caches) and not how evenly connections are spread.")
    return result
