"""Interleaved rounds: every cell once in each round, so that a drift of the machine's speed meets all alike."""
import sys
from dataclasses import dataclass

from bench import load, settings
from bench.figures import median
from bench.load import Load
from bench.processes import Failed


@dataclass
class Cell:
    """One load on one proxy."""
    case: str
    proxy: str
    program: object
    url: str
    load: Load
    cores: int = 1


def measure(cells, rounds=None, seconds=None):
    """The raw figures of every cell: one sample for each round after a warm-up. A cell that fails is said to be n/a, with why."""
    rounds, seconds = rounds or settings.ROUNDS, seconds or settings.SECONDS
    rows = [{"case": cell.case, "proxy": cell.proxy, "samples": []} for cell in cells]
    for number in range(rounds + 1):
        for cell, row in zip(cells, rows):
            if "missing" in row:
                continue
            try:
                sample = once(cell, seconds if number else 1)
            except Failed as failure:
                row["missing"] = str(failure)[:300]
                print(f"  {cell.case} {cell.proxy}: {row['missing']}", file=sys.stderr)
                continue
            if number:
                row["samples"].append(sample)
                row["memory"] = cell.program.memory()
    for row in rows:
        if row["samples"]:
            print(f"  {row['case']:16} {row['proxy']:16} {median([s['us'] for s in row['samples']]):8.1f} us/request "
                  f"{median([s['rate'] for s in row['samples']]):9.0f}/s", flush=True)
    return rows


def once(cell, seconds):
    before = cell.program.cpu()
    found = load.run(cell.load, cell.url, seconds)
    user, system = (after - start for after, start in zip(cell.program.cpu(), before))
    count = found["requests"]
    return {"us": (user + system) * 1e6 / count, "user": user * 1e6 / count, "system": system * 1e6 / count,
            "rate": count / found["seconds"], **{name: found[name] for name in ("requests", "p50", "p99", "p999")}}


def samples(rows, case, proxy, name="us"):
    """The figures of one cell, round by round; empty where it is n/a."""
    return [sample[name] for row in rows if row["case"] == case and row["proxy"] == proxy for sample in row["samples"]]
