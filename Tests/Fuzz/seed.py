#!/usr/bin/env python3
"""Writes a fuzz target's seeds: seed.py TARGET FOLDER. The suites beside the project are used where they are."""

import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITES = pathlib.Path(os.environ.get("TONGBAN_SHARED", ROOT.parent / "shared")) / "suites"
RECORDINGS = ROOT / "Mocks" / "recordings"


def files(folder, pattern="*"):
    return sorted(path for path in folder.rglob(pattern) if path.is_file())


def suite(name):
    if not (SUITES / name).exists():
        print(f"seed: {SUITES / name} is not there, so this target begins without it", file=sys.stderr)
        return []
    return files(SUITES / name)


def bodies():
    for path in files(RECORDINGS, "*.http"):
        _, _, body = path.read_bytes().replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
        if body:
            yield body


def key(text):
    """The two bytes that choose an operation; ShippedCalls.swift has the same sum."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return ((value >> 16 ^ value) & 0xFFFF).to_bytes(2, "big")


def json_seeds():
    yield from (path.read_bytes() for path in suite("json"))
    yield from (body for body in bodies() if body[:1] in b"{[")


def xml_seeds():
    yield from (path.read_bytes() for path in suite("xml"))
    yield from (body for body in bodies() if body[:1] == b"<")


def charset_seeds():
    for body in bodies():
        yield from (bytes([choice]) + body for choice in range(6))
    strings = [text for path in suite("naughty-strings") if path.suffix == ".json" for text in json.loads(path.read_bytes())]
    codecs = ["gb18030", "gbk", "gb2312", "big5", "utf-8", "latin-1"]
    for choice, codec in enumerate(codecs):
        yield from (bytes([choice]) + text.encode(codec, "replace") for text in strings)
    for path in suite("encoding"):
        if path.name == "index-gb18030.txt":
            lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
            points = [chr(int(line[1], 16)) for line in lines]
            for start in range(0, len(points), 200):
                yield b"\x00" + "".join(points[start : start + 200]).encode("gb18030", "replace")


def jsonpath_seeds():
    for path in suite("jsonpath"):
        if path.suffix != ".json":
            continue
        for case in json.loads(path.read_bytes())["tests"]:
            document = json.dumps(case.get("document"), ensure_ascii=False) if "document" in case else ""
            yield (case["selector"] + "\x1e" + document).encode("utf-8", "surrogatepass")


def mapping_seeds():
    for path in files(RECORDINGS, "reply.http"):
        department, operation = path.relative_to(RECORDINGS).parts[:2]
        yield key(f"{department}/{operation}") + path.read_bytes()


def yaml_seeds():
    routes = ROOT / "Routes"
    yield from (b"d" + path.read_bytes() for path in files(routes / "departments"))
    yield from (b"a" + path.read_bytes() for path in files(routes, "aggregations/*.yaml"))
    yield b"g" + (routes / "gateway.yaml").read_bytes()
    yield b"c" + (routes / "consumers.yaml").read_bytes()
    # The reference's examples, each a piece of a department's file.
    text = (ROOT / "docs" / "routes.md").read_text(encoding="utf-8")
    yield from (b"d" + block.split("```")[0].encode() for block in text.split("```yaml\n")[1:])


def http2_seeds():
    # The kept inputs are all; the empty one begins with them.
    yield b"\0"


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    seeds = {"json": json_seeds, "xml": xml_seeds, "charset": charset_seeds, "jsonpath": jsonpath_seeds, "mapping": mapping_seeds, "yaml": yaml_seeds, "http2": http2_seeds}
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, seed in enumerate(seeds[target](), 1):
        (folder / f"seed-{count:05}").write_bytes(seed)
    for path in files(ROOT / "Tests" / "Fuzz" / "Regressions" / "Inputs" / target):
        (folder / f"kept-{path.name}").write_bytes(path.read_bytes())
    print(f"seed: {count} seeds for {target}")


main()
