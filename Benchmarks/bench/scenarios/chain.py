"""What a gateway is for: who calls (one of a thousand keys), how often, and a JSON record of every exchange."""
from bench import consumers
from bench.load import Load
from bench.result import Result
from bench.rounds import Cell, measure

NAME, TITLE = "chain", "Key check (1,000 consumers), a limit for each, JSON access log; 1 KB"
CASE = "chain 1 KB"


def run(bench):
    result = Result(NAME, TITLE)
    ours = bench.gateway(access_log=True)
    peers, missing = bench.peers("chain")
    listed = bench.workshop.write("callers.list", consumers.request_list("/plain/1kb"))
    keyed = bench.workshop.write("keyed.list", consumers.request_list("/keyed/plain/1kb"))
    passwords = bench.workshop.write("passwords.list", consumers.request_list("/plain/1kb", basic=True))
    cells = [Cell(CASE, ours.name, ours.program, ours.url, Load(script="listed", listed=keyed))]
    for peer in peers:
        requests = passwords if peer.peer == "traefik" else listed
        cells.append(Cell(CASE, peer.name, peer.program, peer.url, Load(script="listed", listed=requests)))
    rows = measure(cells)
    bench.stop(ours, *peers)
    result.cells(rows, missing)
    result.check_ratio(rows, CASE, "nginx", 1.0)
    result.check_ratio(rows, CASE, "Envoy", 0.42)
    result.note("Tongban compares SHA-256 digests of keys, the others the keys themselves; Traefik has passwords in place of keys.")
    return result
