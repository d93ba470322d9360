#!/usr/bin/env python3
"""Makes the recordings of the front machine (前置机), whose department is docs/examples/front-machine.yaml. No server plays it: a file that is
put into a directory is the request, a file that is found in another the reply, and 202 without a body stands for "no answer is there yet".
Knows neither the gateway nor its code. Usage: front_machine.py"""
import json
import pathlib
import shutil

HERE = pathlib.Path(__file__).parent / "hlj-qzj"
ITEM = "11230000MB1A00095K2000125005000"
CASE = ITEM + "202611240001"
NOW = "2026-11-24T10:00:00+08:00"
RANDOM = "550e8400e29b41d4a716446655440000"
PERSON = {"kind": "person", "name": "张三", "idType": "idCard", "idNo": "11010519491231002X"}


def application(applicant):
    return {"caseNo": CASE, "itemCode": ITEM, "applicant": applicant, "applyTime": NOW, "summary": "设立登记"}


def put(name):
    """What lies in the directory `in`: GBK, and what GBK lacks as a reference."""
    text = ('<?xml version="1.0" encoding="GBK"?><APPROVEDATAINFO><SBLSH>%s</SBLSH><SXBM>%s</SXBM><SQRMC>%s</SQRMC>'
            '<SQRZJHM>11010519491231002X</SQRZJHM><SBSJ>2026-11-24 10:00:00</SBSJ></APPROVEDATAINFO>' % (CASE, ITEM, name))
    return b"PUT in/%s.xml HTTP/1.1\r\n\r\n" % CASE.encode() + text.encode("gbk", "xmlcharrefreplace")


LOOK = b"GET out/%s.xml HTTP/1.1\r\n\r\n" % CASE.encode()
NOTHING = b"HTTP/1.1 202 Accepted\r\n\r\n"


def found(text, charset="gbk"):
    return b"HTTP/1.1 200 OK\r\n\r\n" + text.encode(charset)


def result(status, words="", number="", state=""):
    fields = [("STATUS", status), ("DESC", words), ("YWLSH", number), ("BJZT", state)]
    inner = "".join("<%s>%s</%s>" % (n, v, n) for n, v in fields if v)
    return '<?xml version="1.0" encoding="GBK"?><RESULT>%s</RESULT>' % inner


def answer(status, number=None):
    made = {"caseNo": CASE, "itemCode": ITEM, "status": status}
    if number:
        made["deptCaseNo"] = number
    return made


def record(operation, name, given, sent, reply, outcome):
    folder = HERE / operation / name
    folder.mkdir(parents=True)
    (folder / "sent.http").write_bytes(sent)
    (folder / "reply.http").write_bytes(reply)
    call = {"operation": operation, "input": given, "now": NOW, "random": RANDOM}
    for file, value in [("call", call), ("fault" if "code" in outcome else "answer", outcome)]:
        (folder / (file + ".json")).write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main():
    for folder in ["cases.submit", "cases.get"]:
        shutil.rmtree(HERE / folder, ignore_errors=True)
    new, get = application(PERSON), {"caseNo": CASE}
    record("cases.submit", "accepted", new, put("张三"), found(result("1", "成功", "QZJ-0007", "02")), answer("accepted", "QZJ-0007"))
    record("cases.submit", "no-answer-yet", new, put("张三"), NOTHING, answer("submitted"))
    record("cases.submit", "rare-name", application({**PERSON, "name": "𠮷野"}), put("𠮷野"),
           found(result("1", "成功", "QZJ-0008", "00")), answer("submitted", "QZJ-0008"))
    record("cases.submit", "refused", new, put("张三"), found(result("0", "材料不齐全")),
           {"code": "UPSTREAM_REJECTED", "upstream": {"code": "0", "message": "材料不齐全"}})
    record("cases.get", "completed", get, LOOK, found(result("1", "成功", "QZJ-0007", "09")), answer("completed", "QZJ-0007"))
    record("cases.get", "no-answer-yet", get, LOOK, NOTHING, answer("submitted"))
    record("cases.get", "unknown-state", get, LOOK, found(result("1", "成功", "QZJ-0007", "77")), {"code": "UNMAPPED_CODE"})
    record("cases.get", "half-a-file", get, LOOK, found(result("1", "成功", "QZJ-0007", "09")[:90]), {"code": "UPSTREAM_BAD_REPLY"})
    record("cases.get", "wrong-charset", get, LOOK, found(result("1", "成功", "QZJ-0007", "09"), "utf-8").replace(b"\xe5\x8a\x9f", b"\xff\xff"),
           {"code": "UPSTREAM_BAD_REPLY"})
    record("cases.get", "empty", get, LOOK, found(""), {"code": "UPSTREAM_BAD_REPLY"})


main()
