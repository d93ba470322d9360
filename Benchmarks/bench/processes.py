"""Programs that a run starts: pinned, watched, counted, and stopped whatever happens."""
import ctypes
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")
LIBC = ctypes.CDLL(None)
FILES = 65536


class Failed(Exception):
    """A program that did not start or did not do what it should."""


class Workshop:
    """A scratch folder and the programs that were started in it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tongban-bench-")
        os.chmod(self.folder, 0o755)      # workers of nginx may run as another user
        self.running = []

    def path(self, *names):
        path = os.path.join(self.folder, *names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name, text):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def start(self, name, cores, command, environment=None, output=subprocess.DEVNULL):
        errors = open(self.path(f"{name}.stderr"), "ab")
        process = subprocess.Popen(
            ["taskset", "-c", cores, *command], stdout=output, stderr=errors, preexec_fn=prepare,
            env={**os.environ, **(environment or {})}, cwd=self.folder)
        program = Program(name, process, self)
        self.running.append(program)
        return program

    def close(self):
        for program in self.running[::-1]:
            program.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def prepare():
    """In the child: it ends with this run however that ends, Ctrl-C reaches it through us alone, and it may open many files."""
    LIBC.prctl(1, signal.SIGTERM)
    os.setpgid(0, 0)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, max(FILES, hard)))
    except (OSError, ValueError):                      # no right to raise the hard limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))


class Program:
    def __init__(self, name, process, workshop):
        self.name, self.process, self.workshop = name, process, workshop

    def pids(self):
        """The process and all below it."""
        found, next_ones = [], [self.process.pid]
        while next_ones:
            pid = next_ones.pop()
            found.append(pid)
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as file:
                    next_ones += [int(child) for child in file.read().split()]
            except OSError:
                pass
        return found

    def cpu(self):
        """User and system seconds that the processes have used."""
        user = system = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            user, system = user + int(fields[11]), system + int(fields[12])
        return user / TICK, system / TICK

    def memory(self):
        """Resident KiB of all processes; pages that they share count once, to the one that brought them."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        return total

    def wait_for(self, port, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise Failed(f"{self.name} does not listen: {self.said()}")

    def wait_until_serving(self, url, seconds=15):
        """Until it answers something other than that it is not ready: some listen before they have their routes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return urllib.request.urlopen(url, timeout=5).status
            except urllib.error.HTTPError as answer:
                if answer.code not in (404, 502, 503):
                    return answer.code
            except OSError:
                pass
            time.sleep(0.1)
        raise Failed(f"{self.name} does not serve {url}: {self.said()}")

    def said(self):
        try:
            with open(self.workshop.path(f"{self.name}.stderr"), errors="replace") as file:
                return file.read()[-2000:].strip() or "it said nothing"
        except OSError:
            return "it said nothing"

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                for pid in self.pids()[::-1]:
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
        if self in self.workshop.running:
            self.workshop.running.remove(self)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
