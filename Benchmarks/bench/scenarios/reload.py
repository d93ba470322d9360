"""A reload of 10,000 department files while requests go on."""
import threading
import time

from bench import documents, gateway, load, settings
from bench.figures import median, percentile
from bench.processes import Failed
from bench.result import Result
from bench.template import fill_file

NAME, TITLE = "reload", "Reload of 10,000 department files under load"
COUNT = 10_000
RATE = 2_000                        # requests in a second
BEFORE, AFTER = 3, 3                # seconds of load before and after


def run(bench):
    result = Result(NAME, TITLE)
    ours = bench.gateway(departments=departments(bench, 0), cores=(settings.PROXY_CORE, settings.LOAD_CORE))
    path = "/v1/cases/" + documents.authority(10_000) + documents.CASE[18:]
    rounds = [once(bench, ours, path, number) for number in range(1, 1 + min(3, settings.ROUNDS))]
    bench.stop(ours)
    result.data["cells"].append({"case": "reload", "proxy": "Tongban", "samples": rounds})
    result.table(f"{COUNT:,} files, one of them changed, at {RATE:,} requests/s", ["", *[f"round {number + 1}" for number in range(len(rounds))]], [
        [title, *[form(each[name]) for each in rounds]] for title, name, form in (
            ("the reload, s", "seconds", "{:.2f}".format), ("requests of the whole load", "requests", "{:,}".format),
            ("failed requests", "failed", str), ("p99 before, ms", "before", "{:.2f}".format),
            ("p99 of the second from its begin, ms", "during", "{:.2f}".format), ("slowest of that second, ms", "slowest", "{:.2f}".format))])
    result.check("the reload, seconds", median([each["seconds"] for each in rounds]), 1.0)
    result.check("failed requests", sum(each["failed"] for each in rounds), 0)
    result.check("p99 of that second ÷ p99 before", median([each["during"] / each["before"] for each in rounds]), 1.5, unit=" ×")
    result.note("The reload is over when the new configuration is in force and on the disk; the second for which `gatewayctl reload` then watches how exchanges end is "
                "left out (`--watch 0`).")
    result.note("The gateway has one worker and both cores, which the load and the origin share; on a third core the reload would be out of their way.")
    return result


def department(bench, number, text):
    return fill_file(f"{settings.HERE}/gateway/small.yaml", DEPARTMENT=f"d{number}", NAME=f"示例部门{text}",
                             AUTHORITY=documents.authority(10_000 + number), ORIGIN=bench.origin.port)


def departments(bench, text):
    return {f"d{number}": department(bench, number, text) for number in range(COUNT)}


def once(bench, ours, path, number):
    found = {}
    def drive():
        try:
            found["rows"] = load.at_rate(ours.url + path, BEFORE + AFTER, RATE, gateway.KEYED)[0]
        except Failed as failure:
            found["failure"] = failure
    driver = threading.Thread(target=drive)
    driver.start()
    time.sleep(BEFORE)
    ours.department("d77", department(bench, 77, f"{number}"))
    code, said, begin, end = ours.control("reload", "--watch", "0")
    driver.join()
    if code or "rows" not in found:
        raise Failed(f"reload: {said} {found.get('failure', '')}")
    latencies = lambda first, last: sorted(row[2] for row in found["rows"] if first <= row[0] / 1e6 < last)
    before, during = latencies(begin - BEFORE + 0.5, begin), latencies(begin, max(end, begin + 1))
    return {"seconds": end - begin, "requests": len(found["rows"]), "failed": sum(1 for row in found["rows"] if row[1] != 200),
            "before": percentile(before, 0.99) / 1000, "during": percentile(during, 0.99) / 1000, "slowest": during[-1] / 1000}
