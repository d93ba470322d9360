"""Runs binaries that count what they execute, under the loads of the benchmark and with calls of every kind, and keeps the counts."""
import glob
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request

from bench import documents, gateway, load, settings
from bench.load import Load
from bench.origin import Origin
from bench.processes import Failed, Workshop, free_ports
from bench.tls import Certificate

FILE = os.path.join(settings.TOP, "scripts", "gateway.profdata")
PRODUCTS = ["gateway", "mocks", "credential-costs"]
# Calls of the contract are made one by one; a load makes them by the ten thousand. Both have a say.
CALLS, WEIGHT = 150, 20
MOCKS = {"scjg": 9101, "fgw": 9102, "hrb": 9103, "tysl": 9104, "share": 9105, "qyxx": 9106, "zzk": 9107, "zjt": 9108}
PERSON = {"kind": "person", "name": "张三", "idType": "idCard", "idNo": "11010519491231002X"}


def main():
    binaries = os.environ.get("BIN") or build()
    workshop = Workshop()
    raw = workshop.path("raw", "loads")
    os.environ["LLVM_PROFILE_FILE"] = f"{raw}-%p.profraw"
    try:
        loads(workshop, os.path.join(binaries, "gateway"))
        os.environ["LLVM_PROFILE_FILE"] = workshop.path("raw", "calls-%p.profraw")
        subprocess.run([os.path.join(binaries, "credential-costs"), "calls-only"], cwd=settings.TOP, check=True)
        calls(workshop, binaries)
        merge(workshop.path("raw"))
    except Failed as failure:
        raise SystemExit(f"profile: {failure}")
    finally:
        workshop.close()


def build():
    run = subprocess.run([f"{settings.TOP}/scripts/build", *PRODUCTS], env={**os.environ, "PROFILE": "record"}, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"profile: it does not build:\n{run.stderr[-3000:]}")
    return run.stdout.strip().splitlines()[-1]


def loads(workshop, binary):
    """The scenarios of the benchmark, for seconds each. A gateway writes its counts as it ends."""
    ours = gateway.Gateway(workshop, Origin(workshop), Certificate(workshop), access_log=True, binary=binary)
    keyed = Load(fields=gateway.KEYED)
    cases = [(Load(), "/plain/1kb", 4), (Load(), "/plain/10kb", 2), (Load(), "/plain/100kb", 2), (Load(script="post"), "/plain/1kb", 3),
             (keyed, "/keyed/plain/1kb", 4)]
    cases += [(keyed, gateway.case_path("mapping", size), 4 if size == "1 KB" else 2) for size in documents.SIZES]
    cases += [(keyed, gateway.case_path("soap", size), 3) for size in documents.SIZES]
    for each, path, seconds in cases:
        print(f"  {path}: {load.run(each, ours.url + path, seconds)['requests']} requests", flush=True)
    print(f"  HTTP/2: {load.run(Load(connections=16, streams=8), ours.tls_url + '/plain/1kb', 3)['requests']} requests", flush=True)
    stop(ours.program)


def calls(workshop, binaries):
    """Every department of `Routes`, played by the mocks: submitted to, asked, searched; and what is refused."""
    ports = dict(zip(MOCKS, free_ports(len(MOCKS))))
    routes = workshop.path("routes")
    shutil.copytree(f"{settings.TOP}/Routes", routes)
    for path in glob.glob(f"{routes}/departments/*.yaml"):
        with open(path) as file:
            text = file.read()
        for name, usual in MOCKS.items():
            text = re.sub(rf"127\.0\.0\.1:{usual}\b", f"127.0.0.1:={ports[name]}", text)
        with open(path, "w") as file:
            file.write(text.replace("127.0.0.1:=", "127.0.0.1:"))
    with open(f"{settings.TOP}/Mocks/demo-secrets.env") as file:
        os.environ.update(dict(line.strip().split("=", 1) for line in file if "=" in line and not line.startswith("#")))
    options = [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
    mocks = workshop.start("mocks", "0,1", [os.path.join(binaries, "mocks"), *options], {"LLVM_PROFILE_FILE": "/dev/null"})
    mocks.wait_for(ports["scjg"], 60)
    port, admin = free_ports(2)
    ours = workshop.start("contract", "0,1", [
        os.path.join(binaries, "gateway"), "--routes", routes, "--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}",
        "--socket", workshop.path("contract.sock"), "--state", workshop.path("contract-state")])
    ours.wait_for(port, 60)
    total = sum(ask_all(f"http://127.0.0.1:{port}") for _ in range(CALLS))
    print(f"  {total} calls of the contract", flush=True)
    stop(ours)


def ask_all(url):
    made = 1
    items = ask(url, "/v1/items?size=100").get("items", [])
    for item in items:
        ask(url, f"/v1/items/{item['itemCode']}")
        opened = ask(url, "/v1/cases", {"itemCode": item["itemCode"], "applicant": PERSON, "summary": "设立登记"})
        if "caseNo" in opened:
            ask(url, f"/v1/cases/{opened['caseNo']}")
            ask(url, f"/v1/cases/{opened['caseNo']}/events")
        made += 4
    ask(url, "/v1/cases/search", {"applicant": PERSON})
    ask(url, "/v1/cases", {"itemCode": "1", "applicant": {}})
    ask(url, "/open/notice")
    return made + 3


def ask(url, path, body=None):
    request = urllib.request.Request(
        url + path, None if body is None else json.dumps(body).encode(), {"X-Api-Key": "demo-portal-key", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
    except urllib.error.HTTPError as problem:
        text = problem.read()
    try:
        return json.loads(text)
    except ValueError:
        return {}


def stop(program):
    program.process.terminate()
    program.process.wait(60)


def merge(raw):
    swift = os.path.realpath(shutil.which("swift"))
    inputs = [f"-weighted-input={WEIGHT if os.path.basename(path).startswith('calls') else 1},{path}" for path in glob.glob(f"{raw}/*.profraw")]
    run = subprocess.run(
        [os.path.join(os.path.dirname(swift), "llvm-profdata"), "merge", "-sparse", "-o", FILE, *inputs], capture_output=True, text=True)
    if run.returncode or not inputs:
        raise Failed(f"llvm-profdata: {run.stderr or 'nothing was counted'}")
    print(f"profile: {len(inputs)} runs are in {os.path.relpath(FILE, settings.TOP)}, {os.path.getsize(FILE):,} bytes")
