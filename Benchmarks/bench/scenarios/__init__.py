"""The scenarios, in the order of a run. Each has a NAME, a TITLE, and run(bench) -> Result."""
from bench.scenarios import chain, cores, h2, idle, latency, many, mapping, pass_through, reload, soap

ALL = [pass_through, chain, mapping, soap, many, reload, idle, h2, cores, latency]
