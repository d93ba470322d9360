"""What a run may be told by its environment, and where things lie."""
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(TOP, "Benchmarks")
CACHE = os.path.join(HERE, ".cache")
RESULTS = os.path.join(TOP, "docs", "performance")
PAGE = os.path.join(TOP, "docs", "performance.md")

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS_EACH", "2"))
ONLY = [name for name in os.environ.get("ONLY", "").replace(",", " ").split()]
PEERS = [name for name in os.environ.get("PEERS", "nginx haproxy envoy traefik caddy").replace(",", " ").split()]
WRITE = os.environ.get("WRITE", "yes") not in ("no", "0", "")
CONNECTIONS = 64

# The proxy has the first core for itself; the load and the origin share the second.
PROXY_CORE, LOAD_CORE = 0, 1


def binary(name, variable):
    """A program of the release build, or the one that the environment names."""
    path = os.environ.get(variable) or os.path.join(TOP, ".build", "release", name)
    if not os.path.exists(path):
        raise SystemExit(f"bench: {path} is not there; build it: scripts/build {name}")
    return path
