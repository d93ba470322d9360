"""The gateway of a run: its routes directory from the templates of Benchmarks/gateway, and its process."""
import os
import shutil
import subprocess
import time

from bench import consumers, documents, settings
from bench.origin import slug
from bench.processes import free_ports
from bench.template import fill_file

KEYED = [f"X-Api-Key: {consumers.KEY}"]
_numbers = iter(range(1, 1_000_000))


def case_path(kind, case):
    return "/v1/cases/" + documents.case_number(kind, case)


class Gateway:
    name = "Tongban"

    def __init__(self, workshop, origin, tls, access_log=False, workers=1, cores=(settings.PROXY_CORE,), departments=None, command=(), binary=None):
        self.workshop, self.origin = workshop, origin
        self.port, self.tls_port = free_ports(2)
        self.url, self.tls_url = f"http://127.0.0.1:{self.port}", f"https://127.0.0.1:{self.tls_port}"
        self.label = f"gateway-{next(_numbers)}"
        self.routes = workshop.path(self.label, "routes")
        self.socket = workshop.path(self.label, "s")
        self.lay_out(tls, access_log, workers)
        for name, text in (departments if departments is not None else self.usual()).items():
            self.department(name, text)
        self.program = workshop.start(
            self.label, ",".join(map(str, cores)),
            [*command, binary or settings.binary("gateway", "GATEWAY"), "--routes", self.routes])
        self.program.wait_for(self.port, 120)

    def lay_out(self, tls, access_log, workers):
        for folder in ("departments", "contract"):
            os.makedirs(os.path.join(self.routes, folder))
        shutil.copy(f"{settings.TOP}/Routes/contract/openapi.yaml", f"{self.routes}/contract/")
        log = self.workshop.path(self.label, "access.log") if access_log else "off"
        self.put("gateway.yaml", fill_file(
            f"{settings.HERE}/gateway/gateway.yaml", PORT=self.port, TLS_PORT=self.tls_port, CERT=tls.certificate, KEY=tls.key,
            SOCKET=self.socket, STATE=self.workshop.path(self.label, "state"), ACCESS_LOG=f"'{log}'", WORKERS=workers))
        self.put("consumers.yaml", consumers.consumers_file())

    def put(self, name, text):
        with open(os.path.join(self.routes, name), "w") as file:
            file.write(text)

    def department(self, name, text):
        self.put(f"departments/{name}.yaml", text)

    def template(self, name, **values):
        return fill_file(f"{settings.HERE}/gateway/{name}.yaml", ORIGIN=self.origin.port, **values)

    def usual(self):
        """Plain routes, and a department for each size of the mapping and of SOAP."""
        files = {"plain": self.template("plain")}
        for kind in ("mapping", "soap"):
            for case in documents.SIZES:
                name = f"{kind}-{slug(case)}"
                files[name] = self.template(kind, DEPARTMENT=name, AUTHORITY=documents.authority_of(kind, case), SIZE=slug(case))
        return files

    def control(self, *words):
        """gatewayctl: its exit code, what it said, and how long it took."""
        begin = time.time()
        run = subprocess.run(
            [settings.binary("gatewayctl", "GATEWAYCTL"), *words, "--socket", self.socket], capture_output=True, text=True)
        return run.returncode, (run.stdout + run.stderr).strip(), begin, time.time()

    def stop(self):
        self.program.stop()
