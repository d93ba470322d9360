"""What a connection costs that does nothing: 10,000 of them, each after one request; over TLS 3,000, since handshakes take their time."""
import resource
import socket
import ssl
import sys
import time

from bench.load import Load, run as drive
from bench.processes import Failed
from bench.result import Result

NAME, TITLE = "idle", "10,000 idle keep-alive connections"
COUNTS = {"plain": 10_000, "TLS": 3_000}
BOUNDS = {"plain": 8.0, "TLS": 40.0}
REQUEST = b"GET /plain/1kb HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def run(bench):
    result = Result(NAME, TITLE)
    room = files()
    lines = {}
    for kind in BOUNDS:
        ours = bench.gateway()
        peers, missing = bench.peers("pass-through")
        for each in [ours, *peers]:
            try:
                found = kilobytes(each, kind, min(COUNTS[kind], room))
                print(f"  {kind:16} {each.name:16} {found:8.1f} KiB a connection", flush=True)
            except Failed as failure:
                found = None
                print(f"  {kind:16} {failure}", file=sys.stderr)
            lines.setdefault(each.name, {})[kind] = found
        for name in missing:
            lines.setdefault(name, {})[kind] = None
        bench.stop(ours, *peers)
    result.data["cells"] = [{"case": kind, "proxy": name, "samples": [{"kib": value}]} for name, by in lines.items() for kind, value in by.items() if value is not None]
    counts = [f"{kind}, {min(count, room):,} connections" for kind, count in COUNTS.items()]
    result.table("KiB of memory for each connection", ["", *counts],
                 [[name, *["n/a" if by[kind] is None else f"{by[kind]:.1f}" for kind in BOUNDS]] for name, by in lines.items()])
    for kind, bound in BOUNDS.items():
        result.data["bars"].append({"title": f"{kind}, KiB", "bars": [[name, by[kind]] for name, by in lines.items() if by[kind] is not None]})
        result.check(f"{kind}: KiB a connection", lines["Tongban"][kind], bound)
    return result


def files():
    """How many connections this system lets us hold, by its file descriptors."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = max(COUNTS.values())
    return min(most, hard - 500) if hard != resource.RLIM_INFINITY else most


def kilobytes(proxy, kind, count):
    """Memory with the connections less memory without, over their number. Some requests first, for what is needed once."""
    url = proxy.url if kind == "plain" else proxy.tls_url
    drive(Load(connections=64), url + "/plain/1kb", 1)
    time.sleep(0.5)
    before = proxy.program.memory()
    port = proxy.port if kind == "plain" else proxy.tls_port
    connections = []
    try:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        for _ in range(count):
            connections.append(one(port, context if kind == "TLS" else None))
        time.sleep(1)
        return (proxy.program.memory() - before) / count
    except OSError as error:
        raise Failed(f"{proxy.name}: connection {len(connections)}: {error}")
    finally:
        for connection in connections:
            connection.close()
        time.sleep(0.5)


def one(port, context):
    connection = socket.create_connection(("127.0.0.1", port), 20)
    if context:
        connection = context.wrap_socket(connection)
    connection.sendall(REQUEST)
    answer = b""
    while b"\r\n\r\n" not in answer or len(answer) < 922:
        part = connection.recv(8192)
        if not part:
            raise OSError("closed before its answer")
        answer += part
    return connection
