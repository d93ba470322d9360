"""What kind of machine it was, and which versions; no names."""
import os
import platform
import time

from bench import peers, settings


def described():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine())
    with open("/proc/meminfo") as file:
        memory = round(int(file.readline().split()[1]) / 1024 / 1024)
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "rounds": settings.ROUNDS, "seconds": settings.SECONDS,
        "machine": f"{os.cpu_count()} cores of {model}, {memory} GiB, Linux {platform.release().split('-')[0]}",
        "versions": {peers.NAMES[peer]: peers.version(peer) or "n/a" for peer in settings.PEERS}}
