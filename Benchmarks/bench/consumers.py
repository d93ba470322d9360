"""The callers of the chain: a thousand keys, and one for the mapping."""
import base64
import hashlib

COUNT = 1000
GENEROUS = 1_000_000         # calls in a second that a limit allows: it is counted, and never reached
KEY = "bench"


def names():
    return [f"caller-{number:04d}" for number in range(COUNT)]


def key(name):
    return f"key-of-{name}-f3b1c7a95d"


def consumers_file():
    """The gateway's: digests, grants of every route and operation, a limit each."""
    lines = ["consumers:"]
    for name, secret in [("bench", KEY)] + [(name, key(name)) for name in names()]:
        digest = hashlib.sha256(secret.encode()).hexdigest()
        lines.append(f"  {name}:\n    keys: [{{ digest: 'sha256:{digest}' }}]\n"
                     "    grants: [{ departments: ['*'], operations: ['*'], routes: ['*'] }]\n"
                     f"    rate: {{ limit: {GENEROUS}/s, burst: {GENEROUS} }}")
    return "\n".join(lines) + "\n"


def lua_table():
    return "return {\n" + "".join(f'["{key(name)}"] = "{name}",\n' for name in names()) + "}\n"


def haproxy_map():
    return "".join(f"{key(name)} {name}\n" for name in names())


def envoy_credentials(indent):
    return "\n".join(f"{' ' * indent}- {{ key: {key(name)}, client: {name} }}" for name in names())


def password_file():
    """Traefik knows no keys; it has passwords, here as unsalted SHA-1, its cheapest kind."""
    return "".join(f"{name}:{{SHA}}{base64.b64encode(hashlib.sha1(key(name).encode()).digest()).decode()}\n" for name in names())


def request_list(path, basic=False):
    """For the load: the same path with a thousand keys in turn."""
    def field(name):
        if basic:
            return "Authorization: Basic " + base64.b64encode(f"{name}:{key(name)}".encode()).decode()
        return "X-Api-Key: " + key(name)
    return "".join(f"{path}\t{field(name)}\n" for name in names())
