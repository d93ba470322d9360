"""One run: the origin, the certificate, and what scenarios start and stop."""
import os
import signal
import sys
import time
import traceback

from bench import machine, page, peers, scenarios, settings
from bench.gateway import Gateway
from bench.origin import Origin
from bench.processes import Failed, Workshop
from bench.tls import Certificate


class Bench:
    def __init__(self, workshop):
        self.workshop = workshop
        self.tls = Certificate(workshop)
        self.origin = Origin(workshop)

    def gateway(self, **words):
        return Gateway(self.workshop, self.origin, self.tls, **words)

    def peers(self, scenario):
        return peers.start_all(self.workshop, self.origin, self.tls, scenario)

    def stop(self, *proxies):
        for each in proxies:
            each.stop()


def main():
    names = [each.NAME for each in scenarios.ALL]
    unknown = [name for name in settings.ONLY if name not in names]
    if unknown:
        raise SystemExit(f"bench: no scenario {unknown[0]!r}; there are {', '.join(names)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.sched_setaffinity(0, {settings.LOAD_CORE})
    workshop, begin, failed = Workshop(), time.monotonic(), []
    try:
        bench = Bench(workshop)
        for scenario in scenarios.ALL:
            if not settings.ONLY or scenario.NAME in settings.ONLY:
                failed += run_one(bench, scenario)
    except KeyboardInterrupt:
        raise SystemExit(130)
    finally:
        workshop.close()
    print(f"{time.monotonic() - begin:.0f} s")
    if settings.WRITE:
        page.write()
    raise SystemExit(1 if failed else 0)


def run_one(bench, scenario):
    """A scenario that cannot be measured does not end the run; it keeps the figures of an earlier one."""
    print(f"{scenario.NAME}: {scenario.TITLE}", flush=True)
    kept = list(bench.workshop.running)
    try:
        result = scenario.run(bench)
    except Failed as failure:
        print(f"  failed: {failure}", file=sys.stderr)
        return [scenario.NAME]
    except Exception:
        traceback.print_exc()
        return [scenario.NAME]
    finally:
        for program in [each for each in bench.workshop.running if each not in kept]:
            program.stop()
    for check in result.data["checks"]:
        print(f"  {check['what']}: {check['found']} (to reach: {check['reach']})", flush=True)
    if settings.WRITE:
        page.keep(result.data, machine.described())
    return []
