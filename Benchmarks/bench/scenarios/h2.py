"""HTTP/2 towards callers, HTTP/1.1 towards the origin: 16 connections with 8 streams each."""
from bench.load import Load
from bench.result import Result
from bench.rounds import Cell, measure

NAME, TITLE = "http2", "HTTP/2, 16 connections × 8 streams, 1 KB"
PATH = "/plain/1kb"


def run(bench):
    result = Result(NAME, TITLE)
    ours = bench.gateway()
    peers, missing = bench.peers("pass-through")
    load = Load(connections=16, streams=8)
    cells = [Cell("over TLS", each.name, each.program, each.tls_url + PATH, load) for each in [ours, *peers]]
    cells += [Cell("cleartext", ours.name, ours.program, ours.url + PATH, load)]
    cells += [Cell("cleartext", peer.name, peer.program, peer.h2c_url + PATH, load) for peer in peers]
    rows = measure(cells)
    bench.stop(ours, *peers)
    tls = [row for row in rows if row["case"] == "over TLS"]
    result.cells(tls, missing)
    clear = [row for row in rows if row["case"] == "cleartext"]
    result.cells(clear, missing)
    result.check_ratio(tls, "over TLS", "Envoy", 0.6)
    result.check_ratio(clear, "cleartext", "Envoy", 0.6)
    return result
