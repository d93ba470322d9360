"""How long a request takes where nothing is at its limit: half of each proxy's own capacity, at a fixed rate."""
from bench import load, settings
from bench.figures import median, milliseconds
from bench.load import Load
from bench.result import Result

NAME, TITLE = "latency", "Latency at half of capacity, pass-through 1 KB"
PATH = "/plain/1kb"
FIGURES = ("p50", "p99", "p999")


def run(bench):
    result = Result(NAME, TITLE)
    ours = bench.gateway()
    peers, missing = bench.peers("pass-through")
    proxies = [ours, *[peer for peer in peers if peer.peer in ("nginx", "haproxy", "envoy")]]
    rates = {each.name: half_of_capacity(each) for each in proxies}
    rates["no proxy"] = rates[ours.name]
    found = {name: [] for name in rates}
    for _ in range(settings.ROUNDS):
        for name, url in [("no proxy", bench.origin.url), *[(each.name, each.url) for each in proxies]]:
            found[name].append(load.at_rate(url + PATH, max(2, round(settings.SECONDS)), rates[name])[1])
    bench.stop(ours, *peers)
    result.data["cells"] = [{"case": "half of capacity", "proxy": name, "rate": rates[name], "samples": found[name]} for name in found]
    lines = [[name, f"{rates[name]:,.0f}", *[milliseconds(median([each[figure] for each in found[name]])) for figure in FIGURES]] for name in found]
    result.table("At a fixed rate", ["", "requests/s", "p50 ms", "p99 ms", "p99.9 ms"], lines + [[name, "n/a", "", "", ""] for name in missing])
    added = [(a["p99"] - b["p99"]) / 1000 for a, b in zip(found[ours.name], found["no proxy"])]
    result.check("p99 that Tongban adds, ms", max(0.0, median(added)), 1.0)
    return result


def half_of_capacity(proxy):
    seen = load.run(Load(), proxy.url + PATH, 2)
    return seen["requests"] / seen["seconds"] / 2
