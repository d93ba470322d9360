"""How many instructions the gateway's process needs for one exchange. It does not depend on the machine's mood."""
import http.client
import json
import os
import subprocess
import sys
import time

from bench import gateway, settings
from bench.load import need
from bench.origin import Origin
from bench.processes import Failed, Workshop
from bench.tls import Certificate

FILE = os.path.join(settings.HERE, "guard.json")
WARM, COUNT = 200, 300

# What is asked for, and whether with a key. All of it is recorded, as in production.
CASES = {
    "pass-through 1 KB": ("/plain/1kb", False),
    "chain 1 KB": ("/keyed/plain/1kb", True),
    "mapping 1 KB": (gateway.case_path("mapping", "1 KB"), True),
    "mapping 10 KB": (gateway.case_path("mapping", "10 KB"), True),
    "SOAP 10 KB": (gateway.case_path("soap", "10 KB"), True),
}


def main():
    workshop = Workshop()
    try:
        found = measure(workshop)
    except Failed as failure:
        raise SystemExit(f"guard: {failure}")
    finally:
        workshop.close()
    with open(FILE) as file:
        kept = json.load(file)
    if os.environ.get("ACCEPT") == "yes":
        kept["instructions"] = found
        with open(FILE, "w") as file:
            json.dump(kept, file, indent=2)
            file.write("\n")
        print(f"guard: written to {os.path.relpath(FILE, settings.TOP)}")
        return
    raise SystemExit(compare(found, kept))


def measure(workshop):
    origin = Origin(workshop)
    output = workshop.path("callgrind.out")
    profiler = ["env", f"LD_PRELOAD={preloaded(workshop)}", need("valgrind"), "--tool=callgrind", "--instr-atstart=no",
                f"--callgrind-out-file={output}"]
    ours = gateway.Gateway(workshop, origin, Certificate(workshop), access_log=True, command=profiler, binary=stripped(workshop))
    counter = Counter(ours, output)
    connection = http.client.HTTPConnection("127.0.0.1", ours.port)
    ask(connection, "/plain/1kb", False, WARM)
    instructions, seconds = counter.during(lambda: time.sleep(3))
    idle = instructions / seconds
    found = {}
    for name, (path, keyed) in CASES.items():
        ask(connection, path, keyed, WARM)
        instructions, seconds = counter.during(lambda: ask(connection, path, keyed, COUNT))
        found[name] = round((instructions - idle * seconds) / COUNT)
        print(f"  {name:20} {found[name]:>9,} instructions", flush=True)
    return found


class Counter:
    """Instructions of a span of time, and how long it was: the event loops' timers go on meanwhile, and are taken off by their rate."""

    def __init__(self, ours, output):
        self.ours, self.output, self.dumps = ours, output, 0

    def during(self, work):
        self.control("-z")
        self.control("-i", "on")
        begin = time.monotonic()
        work()
        seconds = time.monotonic() - begin
        self.control("-i", "off")
        self.control("-d", "span")
        self.dumps += 1
        return total(f"{self.output}.{self.dumps}"), seconds

    def control(self, *words):
        run = subprocess.run([need("callgrind_control"), *words, str(self.ours.program.process.pid)], capture_output=True, text=True)
        if run.returncode:
            raise Failed(f"callgrind_control {' '.join(words)}: {run.stdout} {run.stderr}")


def stripped(workshop):
    """The gateway without debug information, which valgrind cannot read in Swift's newer form."""
    path = workshop.path("gateway")
    run = subprocess.run([need("strip"), "--strip-debug", "-o", path, settings.binary("gateway", "GATEWAY")], capture_output=True, text=True)
    if run.returncode:
        raise Failed(f"strip: {run.stderr}")
    return path


def preloaded(workshop):
    path = workshop.path("sigsuspend.so")
    run = subprocess.run(
        [need("cc"), "-O2", "-shared", "-fPIC", "-o", path, f"{settings.HERE}/programs/sigsuspend.c"], capture_output=True, text=True)
    if run.returncode:
        raise Failed(f"sigsuspend.c does not compile: {run.stderr}")
    return path


def ask(connection, path, keyed, count):
    fields = dict(field.split(": ", 1) for field in gateway.KEYED) if keyed else {}
    for _ in range(count):
        connection.request("GET", path, headers=fields)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Failed(f"{path}: {answer.status} {body[:300]!r}")


def total(path):
    with open(path) as file:
        found = [int(line.split()[1]) for line in file if line.startswith("totals:")]
    if not found:
        raise Failed(f"callgrind wrote no totals into {path}")
    return found[-1]


def compare(found, kept):
    """1 where something has grown beyond the tolerance."""
    grown = False
    for name, count in found.items():
        allowed = kept["instructions"].get(name)
        if allowed is None:
            print(f"guard: {name} has no threshold; ACCEPT=yes writes one", file=sys.stderr)
            grown = True
            continue
        share = count / allowed - 1
        if share > kept["tolerance"]:
            print(f"guard: {name} needs {count:,} instructions, {share:+.1%} over {allowed:,}", file=sys.stderr)
            grown = True
        elif share < -kept["tolerance"]:
            print(f"guard: {name} needs {share:.1%} fewer than {allowed:,}: ACCEPT=yes keeps the gain")
    print("guard: grown" if grown else f"guard: nothing has grown by more than {kept['tolerance']:.0%}")
    return 1 if grown else 0
