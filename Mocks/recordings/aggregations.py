#!/usr/bin/env python3
"""Puts recordings of one department each together to recordings of operations that several departments answer: the same call, each one's
request and reply as they were recorded, and the answer that is due by docs/aggregations.md. Usage: aggregations.py, after record.py."""
import json
import pathlib
import shutil

HERE = pathlib.Path(__file__).parent
NAMES = {"hlj-fgw": "省发展和改革委员会", "hlj-scjg": "省市场监督管理局", "hlj-zjt": "省住房和城乡建设厅", "hrb": "哈尔滨市政务服务平台"}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def earlier(one, other):
    """Whether one case comes before the other: the newest first, and by case number among those of one moment."""
    if one["applyTime"] != other["applyTime"]:
        return one["applyTime"] > other["applyTime"]
    return one["caseNo"] < other["caseNo"]


def merged(lists):
    """The lists as one: the earliest of their heads, again and again, so that each keeps its own order; a case that two know stands once."""
    lists, items = [list(one) for one in lists if one], []
    while lists:
        first = lists[0]
        for other in lists[1:]:
            if earlier(other[0], first[0]):
                first = other
        item = first.pop(0)
        if item["caseNo"] not in [known["caseNo"] for known in items]:
            items.append(item)
        lists = [one for one in lists if one]
    return items


def search(name, case, departments, silent=()):
    """办件查询: what the departments gave, merged by docs/aggregations.md."""
    folder = HERE / "aggregations" / "cases.search" / name
    parts = folder / "parts" / "found"
    parts.mkdir(parents=True)
    call, lists, reports = None, [], []
    for department in departments:
        source = HERE / department / "cases.search" / case
        own = load(source / "call.json")
        session = own.pop("session", None)
        if call is None:
            call = {**own, "session": {}}
        assert own["input"] == call["input"], department
        if session:
            call["session"][department] = session
        shutil.copy(source / "sent.http", parts / (department + ".sent.http"))
        report = {"department": department, "name": NAMES[department]}
        if department in silent:
            (parts / (department + ".reply.http")).write_bytes(b"")
            reports.append({**report, "status": "failed", "code": "UPSTREAM_TIMEOUT"})
            continue
        shutil.copy(source / "reply.http", parts / (department + ".reply.http"))
        answer = load(source / "answer.json")
        lists.append(answer["items"])
        reports.append({**report, "status": "answered", "total": answer["total"]})
    items = merged(lists)
    write(folder / "call.json", call)
    write(folder / "answer.json", {"items": items, "page": 1, "size": 20, "total": len(items), "parts": reports})


shutil.rmtree(HERE / "aggregations", ignore_errors=True)
search("three-departments", "by-number", ["hlj-fgw", "hlj-scjg", "hlj-zjt"])
search("one-is-silent", "by-number", ["hlj-fgw", "hlj-scjg", "hlj-zjt"], silent=["hlj-scjg"])
search("nobody", "nobody", ["hlj-fgw", "hlj-scjg", "hlj-zjt", "hrb"])
