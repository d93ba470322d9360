"""docs/performance: the raw figures of each scenario as JSON, a plot of each, and the tables of docs/performance.md made from them."""
import json
import os

from bench import plots, settings

BEGIN, END = "<!-- bench:begin: written by Benchmarks/run, not by hand -->", "<!-- bench:end -->"
WORDS = {True: "yes", False: "**no**", None: "n/a"}


def keep(data, machine):
    """A scenario's raw figures; they stand until the same scenario is measured again."""
    os.makedirs(settings.RESULTS, exist_ok=True)
    with open(os.path.join(settings.RESULTS, data["scenario"] + ".json"), "w") as file:
        json.dump({"machine": machine, **data}, file, ensure_ascii=False, indent=1)
        file.write("\n")


def kept():
    from bench import scenarios
    for scenario in scenarios.ALL:
        path = os.path.join(settings.RESULTS, scenario.NAME + ".json")
        if os.path.exists(path):
            with open(path) as file:
                yield json.load(file)


def write():
    """The part of docs/performance.md between the markers, anew from what is kept."""
    results = list(kept())
    with open(settings.PAGE) as file:
        text = file.read()
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    lines = summary(results)
    for result in results:
        lines += section(result)
    with open(settings.PAGE, "w") as file:
        file.write(before + BEGIN + "\n\n" + "\n".join(lines) + "\n" + END + after)
    print(f"written: {os.path.relpath(settings.PAGE, settings.TOP)}")


def rows(columns, lines):
    return ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns),
            *["| " + " | ".join(map(str, line)) + " |" for line in lines], ""]


def summary(results):
    lines = [(result["title"] if not number else "", check["what"], check["found"], check["reach"], WORDS[check["reached"]])
             for result in results for number, check in enumerate(result["checks"])]
    return rows(["scenario", "what", "found (middle half)", "to reach", "reached"], lines)


def section(result):
    machine = result["machine"]
    lines = [f"### {result['title']}", "", f"{machine['date']}; {machine['machine']}; {machine['rounds']} rounds of {machine['seconds']:g} s; "
             + ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
             + f". Raw figures: [{result['scenario']}.json](performance/{result['scenario']}.json).", ""]
    bars = [group for group in result["bars"] if group["bars"]]
    if bars:
        name = result["scenario"] + ".svg"
        with open(os.path.join(settings.RESULTS, name), "w") as file:
            file.write(plots.bars(bars))
        lines += [f"![{result['title']}](performance/{name})", ""]
    for table in result["tables"]:
        lines += [f"**{table['title']}**", "", *rows(table["columns"], table["rows"])]
    return lines + [line for note in result["notes"] for line in (note, "")]
