"""The load: wrk for throughput, h2load for HTTP/2 and for a fixed rate. Both run on the core of the origin."""
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field

from bench import settings
from bench.figures import percentile
from bench.processes import Failed


@dataclass
class Load:
    """One kind of load: how many connections, what they ask for."""
    connections: int = settings.CONNECTIONS
    streams: int = 0                         # of HTTP/2 on each connection; 0 is HTTP/1.1
    script: str = "report"                   # one of Benchmarks/load
    listed: str = ""                         # a file of requests, for the script `listed`
    fields: list = field(default_factory=list)


def run(load, url, seconds):
    """Requests, seconds, latencies in microseconds. Raises where a request failed: a figure of failures means nothing."""
    found = http2(load, url, seconds) if load.streams else wrk(load, url, seconds)
    if not found["requests"]:
        raise Failed(f"{url} answered nothing within {seconds} s")
    if found["failed"]:
        raise Failed(f"{found['failed']} of {found['requests']} requests to {url} failed")
    return found


def pinned(command, environment=None):
    return subprocess.run(
        ["taskset", "-c", str(settings.LOAD_CORE), *command], capture_output=True, text=True,
        env={**os.environ, "BENCH_LOAD": os.path.join(settings.HERE, "load"), **(environment or {})})


def wrk(load, url, seconds):
    fields = [word for each in load.fields for word in ("-H", each)]
    script = os.path.join(settings.HERE, "load", load.script + ".lua")
    run = pinned([need("wrk"), "-t1", f"-c{load.connections}", f"-d{max(1, round(seconds))}s", "-s", script, *fields, url], {"BENCH_LIST": load.listed})
    line = next((line for line in run.stdout.splitlines() if line.startswith("BENCH ")), None)
    if not line:
        raise Failed(f"wrk {url}: {run.stdout} {run.stderr}")
    requests, duration, broken, other, p50, p99, p999 = (int(word) for word in line.split()[1:])
    return {"requests": requests, "seconds": duration / 1e6, "failed": broken + other, "p50": p50, "p99": p99, "p999": p999}


def http2(load, url, seconds):
    fields = [word for each in load.fields for word in ("-H", each)]
    rows, elapsed = logged(["-c", str(load.connections), "-m", str(load.streams), "-D", str(max(1, round(seconds))), *fields, url])
    return summary(rows, elapsed)


def at_rate(url, seconds, per_second, fields=(), connections=settings.CONNECTIONS, script=None):
    """HTTP/1.1 requests at a fixed rate, whatever the answers take. Rows of (start, status, latency), in microseconds."""
    words = [word for each in fields for word in ("-H", each)]
    rows, elapsed = logged(["--h1", "-c", str(connections), "-D", str(seconds), "--rps", f"{per_second / connections:.3f}", *words, url])
    return rows, summary(rows, elapsed)


def logged(arguments):
    folder = os.environ.get("TMPDIR", "/tmp")
    path = os.path.join(folder, f"tongban-bench-h2load-{os.getpid()}.tsv")
    try:
        run = pinned([need("h2load"), "-t1", f"--log-file={path}", *arguments])
        with open(path) as file:
            rows = [tuple(int(word) for word in line.split()[:3]) for line in file]
    except OSError:
        raise Failed(f"h2load: {run.stdout} {run.stderr}")
    finally:
        if os.path.exists(path):
            os.remove(path)
    finished = re.search(r"finished in ([\d.]+)(m?s)", run.stdout)
    if not rows or not finished:
        raise Failed(f"h2load: {run.stdout} {run.stderr}")
    return rows, float(finished.group(1)) / (1000 if finished.group(2) == "ms" else 1)


def summary(rows, elapsed):
    latencies = sorted(row[2] for row in rows)
    return {"requests": len(rows), "seconds": elapsed, "failed": sum(1 for row in rows if row[1] != 200),
            **{name: percentile(latencies, share) for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))}}


def need(name):
    path = shutil.which(name) or shutil.which("/usr/sbin/" + name)
    if not path:
        raise Failed(f"{name} is missing: Benchmarks/setup says how to get it")
    return path
