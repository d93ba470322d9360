#!/usr/bin/env python3
"""Makes the recordings beside this file from running mocks; see README.md. Usage: record.py [FIRST_PORT], 9101 by default."""
import json
import pathlib
import shutil
import socket
import sys
import urllib.request

from dialects import Fgw, Hrb, Qyxx, Scjg, Share, Tysl, Zjt, Zzk
from facts import (COMPANY, ENTERPRISES, FGW, HRB, ITEMS, LICENCES, NOTICE, RARE, SCJG, SEEDS, TYSL, ZJT, application, filed, found, licence_file, listed, notice,
                   result, step, whole)

HERE = pathlib.Path(__file__).parent
NOW = "2026-11-24T10:00:00+08:00"
RANDOM = "550e8400e29b41d4a716446655440000"


class Department:
    def __init__(self, name, dialect, port):
        self.name, self.dialect, self.port, self.session = name, dialect, port, None
        shutil.rmtree(HERE / name, ignore_errors=True)

    def control(self, path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/_mock/{path}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def exchange(self, head, body):
        """Sends a request and reads the reply's bytes, to its end or to the end of the connection."""
        line, fields = head.split(b"\r\n", 1)
        extra = f"Host: 127.0.0.1:{self.port}\r\nContent-Length: {len(body)}\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as link:
            link.sendall(line + b"\r\n" + extra + fields + body)
            reply = b""
            while True:
                piece = link.recv(65536)
                reply += piece
                if not piece or self.complete(reply):
                    return reply

    @staticmethod
    def complete(reply):
        head, found, body = reply.partition(b"\r\n\r\n")
        lengths = [int(l.split(b":")[1]) for l in head.split(b"\r\n") if l.lower().startswith(b"content-length:")]
        return bool(found) and bool(lengths) and len(body) >= lengths[0]

    def login(self):
        self.session = self.dialect.token(json.loads(self.exchange(*self.dialect.login()).partition(b"\r\n\r\n")[2]))

    def record(self, operation, name, given, answer=None, fault=None, expired=False, misbehave=None, before=None):
        """Makes one recording: `before` is a case that is submitted first."""
        self.control("reset", {})
        self.control("settings", {"checkClock": False})
        if hasattr(self.dialect, "login"):
            self.login()
        call = {"operation": operation, "input": given, "now": NOW, "random": RANDOM}
        if self.session:
            call["session"] = self.session
        if hasattr(self.dialect, "steps"):
            # The calls before the one that is recorded: what they give stands in the call.
            call["steps"] = self.dialect.steps(call, lambda *r: json.loads(self.exchange(*r).partition(b"\r\n\r\n")[2]))
        if before:
            self.exchange(*self.dialect.request({**call, "operation": "cases.submit", "input": before, "random": "0" * 32}))
        if misbehave:
            self.control("misbehave", {"mode": misbehave})
        head, body = self.dialect.request(call)
        folder = HERE / self.name / operation / name
        folder.mkdir(parents=True)
        (folder / "sent.http").write_bytes(head + body)
        (folder / "reply.http").write_bytes(self.exchange(head, body))
        self.write(folder / "call.json", call)
        if answer is not None:
            self.write(folder / "answer.json", answer)
        else:
            self.write(folder / "fault.json", {"sessionExpired": True} if expired else fault)

    @staticmethod
    def write(path, value):
        path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def refused(code, message):
    return {"code": "UPSTREAM_REJECTED", "upstream": {"code": code, "message": message}}


def broken(department, seed, new, item_code):
    """What goes wrong in the same way everywhere."""
    get, nothing = {"caseNo": seed["caseNo"]}, {"caseNo": item_code + "202601019999"}
    bad, record = {"code": "UPSTREAM_BAD_REPLY"}, department.record
    record("cases.submit", "duplicate", new, fault={"code": "DUPLICATE"}, before=new)
    record("cases.submit", "unknown-status", new, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")
    record("cases.get", "not-found", nothing, fault={"code": "NOT_FOUND"})
    record("cases.get", "unknown-status", get, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")
    for mode in ["html", "cut-off", "unparsable", "bad-xml", "wrong-charset", "missing-field", "http-500", "dtd"]:
        if department.name == "hlj-scjg" or mode not in ("dtd", "bad-xml"):
            record("cases.get", mode, get, fault=bad, misbehave=mode)
    record("cases.events", "not-found", nothing, fault={"code": "NOT_FOUND"})
    record("cases.events", "missing-list", get, fault=bad, misbehave="missing-field")
    record("items.list", "html", {"authority": item_code[:18], "page": 1, "size": 20}, fault=bad, misbehave="html")
    record("items.get", "not-found", {"itemCode": item_code[:-3] + "999"}, fault={"code": "NOT_FOUND"})
    record("items.get", "unknown-state", {"itemCode": item_code}, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")


def items(department, authority):
    """Lists of three, of one, of none; guides with several materials, one, none."""
    for name, page, size in [("all", 1, 20), ("one-entry", 3, 1), ("no-entry", 9, 20)]:
        department.record("items.list", name, {"authority": authority, "page": page, "size": size}, answer=listed(authority, page, size))
    keyword = "备案" if authority == FGW else "许可"
    given = {"authority": authority, "page": 1, "size": 20, "keyword": keyword}
    department.record("items.list", "keyword", given, answer=listed(authority, 1, 20, keyword))
    for facts in ITEMS[authority]:
        count = len(facts.get("materials", []))
        name = {0: "no-materials", 1: "one-material"}.get(count, "several-materials")
        department.record("items.get", name, {"itemCode": facts["itemCode"]}, answer=facts)


def scjg(port):
    d = Department("hlj-scjg", Scjg(), port)
    new = application(
        SCJG, "2000125005000", "0001", {**COMPANY, "address": "哈尔滨市示例区示例街1号 <A座> & B座"}, summary="示例商贸食品经营",
        agent={"name": "王五", "idNo": "230602197511303338", "mobile": "13700004321"}, parentNo="LB20261124000001",
        form={"经营项目": "预包装食品", "floor": "007"},
        materials=[{"code": "CL001", "name": "食品经营许可申请书"}, {"code": "CL002", "name": "营业执照复印件]]>附页"}])
    rare = application(SCJG, "2000125006000", "0002", {**RARE, "mobile": "13900001234"}, materials=[{"code": "CL001", "name": "药品经营许可证申请表"}])
    rest = ("SCJG-2026-000004", "00202611240004", "accepted", NOW)
    d.record("cases.submit", "company", new, answer=filed(new, *rest, "2026-12-07"))
    d.record("cases.submit", "rare-name", rare, answer=filed(rare, *rest, "2026-12-15"))
    suspended = application(SCJG, "2000725010000", "0003", COMPANY)
    d.record("cases.submit", "suspended-item", suspended, fault=refused("E107", "该事项已暂停办理"))
    d.record("cases.submit", "busy", new, fault=refused("E999", "系统繁忙，请稍后再试"), misbehave="error-in-200")
    d.record("cases.submit", "credential", new, fault={"code": "UPSTREAM_CREDENTIAL"}, misbehave="bad-credential")
    for name, own, receipt, status, due in [("company", "1", "202611020001", "processing", "2026-11-13"),
                                            ("rare", "2", "202611030002", "correctionRequested", "2026-11-16"),
                                            ("person", "3", "202610090003", "completed", "2026-10-30")]:
        seed = SEEDS["scjg-" + name]
        answer = whole(seed, "SCJG-2026-00000" + own, "00" + receipt, status, seed["applyTime"], due)
        d.record("cases.get", name, {"caseNo": seed["caseNo"]}, answer=answer)
    d.record("cases.get", "just-submitted", {"caseNo": new["caseNo"]}, answer=whole(new, *rest, "2026-12-07"), before=new)
    events(d, SCJG, "scjg-rare", [("补交告知", "告知", "2026-11-04T10:00:00+08:00", None, "缺<营业执照>复印件 & 经办人签字")])
    events(d, SCJG, "scjg-person", [
        ("审批", "审查", "2026-10-10T14:30:05+08:00", "2026-10-10T16:05:05+08:00", "同意"),
        ("办结", "发证", "2026-10-10T14:30:05+08:00", "2026-10-10T16:05:05+08:00", "准予许可")])
    later(d, SCJG, [listing(SEEDS["scjg-company"], "SCJG-2026-000001", "00202611020001", "processing", "2026-11-13")], "scjg-company",
          "scjg-person", "scjg-rare", ("0", "2026-10-10T16:05:05+08:00", "药品经营许可（零售）证", "ZZ-SCJG-2026-000003", "2031-10-10"))
    items(d, SCJG)
    broken(d, SEEDS["scjg-company"], new, SCJG + "2000125005000")


def listing(seed, own, receipt, status, due):
    """A case as it stands in a list: without its form, its materials, its agent and its channel."""
    case = whole(seed, own, receipt, status, seed["applyTime"], due)
    case["applicant"] = {k: v for k, v in case["applicant"].items() if k != "address"}
    return {k: v for k, v in case.items() if k not in ("form", "materials", "agent", "channel", "parentNo")}


def events(d, unit, seed, later):
    """The events of a case that was accepted at once."""
    time = SEEDS[seed]["applyTime"]
    first = [step(unit, "申办", "提交", "申请人", time, time), step(unit, "受理", "受理", "王五", time, time, "材料齐全，予以受理")]
    rest = [step(unit, name, action, "赵六", start, end, opinion) for name, action, start, end, opinion in later]
    d.record("cases.events", seed.split("-")[1], {"caseNo": SEEDS[seed]["caseNo"]}, answer=paged(first + rest))


def paged(entries):
    """Every event on one page."""
    return {"items": entries, "page": 1, "size": len(entries), "total": len(entries)}


def fgw(port):
    d = Department("hlj-fgw", Fgw(), port)
    new = application(
        FGW, "2000104033000", "0001", {**COMPANY, "address": "哈尔滨市示例区示例街1号 \"A座\" \\ B座"}, summary="示例冷链物流项目",
        agent={"name": "王五", "idNo": "230602197511303338", "mobile": "13700004321"}, parentNo="LB20261124000001",
        form={"investment": 56000000, "rate": 0.25, "phases": ["01", "02"], "landArea": "08.50"},
        materials=[{"code": "001", "name": "项目申请报告"}, {"code": "002", "name": "选址意见书"}])
    rare = application(FGW, "2001004035000", "0002", {**RARE, "mobile": "13900001234"})
    rest = ("2026-230000-04-01-000004", "0000000004", "submitted")
    d.record("cases.submit", "company", new, answer=filed(new, *rest))
    d.record("cases.submit", "rare-name", rare, answer=filed(rare, "2026-230000-04-01-000004", "0000000004", "submitted"))
    wrong = {**new, "caseNo": new["caseNo"][:-1] + "3", "region": "2301"}
    d.record("cases.submit", "refused-field", wrong, fault=refused("P003", "参数regioncode的值不合法"))
    d.record("cases.submit", "busy", new, fault=refused("P999", "系统繁忙，请稍后再试"), misbehave="error-in-200")
    d.record("cases.submit", "expired-token", new, expired=True, misbehave="expired-token")
    for name, own, receipt, status, due in [("company", "04-01-000001", "1", "processing", "2026-11-16"),
                                            ("rare", "04-01-000002", "2", "completed", "2026-11-04")]:
        seed = SEEDS["fgw-" + name]
        answer = whole(seed, "2026-230000-" + own, "000000000" + receipt, status, seed["applyTime"], due)
        d.record("cases.get", name, {"caseNo": seed["caseNo"]}, answer=answer)
    d.record("cases.get", "just-submitted", {"caseNo": new["caseNo"]}, answer=whole(new, *rest), before=new)
    d.record("cases.get", "expired-token", {"caseNo": SEEDS["fgw-rare"]["caseNo"]}, expired=True, misbehave="expired-token")
    events(d, FGW, "fgw-company", [("审批", "审查", "2026-11-03T09:15:00+08:00", None, None)])
    opened = [step(FGW, "申办", "提交", "申请人", NOW, NOW), step(FGW, "预受理", "预审", "王五", NOW)]
    d.record("cases.events", "just-submitted", {"caseNo": new["caseNo"]}, answer=paged(opened), before=new)
    d.record("cases.events", "expired-token", {"caseNo": SEEDS["fgw-rare"]["caseNo"]}, expired=True, misbehave="expired-token")
    cases = [listing(SEEDS["fgw-correction"], "2026-230000-04-01-000003", "0000000003", "correctionRequested", "2026-10-29"),
             listing(SEEDS["fgw-company"], "2026-230000-04-01-000001", "0000000001", "processing", "2026-11-16")]
    later(d, FGW, cases, "fgw-company", "fgw-rare", "fgw-correction",
          ("0", "2026-11-04T11:35:00+08:00", "企业投资项目备案证", "ZZ-2026-230000-04-01-000002", "2031-11-04"))
    items(d, FGW)
    broken(d, SEEDS["fgw-company"], new, FGW + "2000104033000")


def hrb(port):
    d = Department("hrb", Hrb(), port)
    new = application(
        HRB, "3230125011000", "0001", {**COMPANY, "address": "哈尔滨市示例区 示例街1号 50% & a=b+c~d*e"}, summary="示例商贸排水许可",
        agent={"name": "王五", "idNo": "230602197511303338", "mobile": "13700004321"}, parentNo="LB20261124000001",
        form={"排水量": "008", "note": "\"quoted\""}, materials=[{"code": "A01", "name": "排水许可申请表"}, {"code": "A02", "name": "检测报告"}])
    rare = application(HRB, "3232025013000", "0002", {**RARE, "mobile": "13900001234"}, materials=[])
    del rare["materials"]
    d.record("cases.submit", "company", new, answer=filed(new, "0451202600000004", "000000000004", "accepted", NOW, "2026-12-04"))
    d.record("cases.submit", "rare-name", rare, answer=filed(rare, "0451202600000004", "000000000004", "accepted", NOW, "2026-11-25"))
    elsewhere = {**new, "caseNo": new["caseNo"][:-1] + "3", "region": "230602"}
    d.record("cases.submit", "elsewhere", elsewhere, fault=refused("3001", "不属于本市"))
    d.record("cases.submit", "busy", new, fault=refused("3001", "系统繁忙，请稍后再试"), misbehave="error-in-200")
    d.record("cases.submit", "credential", new, fault={"code": "UPSTREAM_CREDENTIAL"}, misbehave="bad-credential")
    for name, serial, status, due in [("person", "1", "processing", "2026-11-12"), ("rare", "2", "correctionRequested", "2026-11-13")]:
        seed = SEEDS["hrb-" + name]
        answer = whole(seed, "045120260000000" + serial, "00000000000" + serial, status, seed["applyTime"], due)
        d.record("cases.get", name, {"caseNo": seed["caseNo"]}, answer=answer)
    answer = whole(new, "0451202600000004", "000000000004", "accepted", NOW, "2026-12-04")
    d.record("cases.get", "just-submitted", {"caseNo": new["caseNo"]}, answer=answer, before=new)
    events(d, HRB, "hrb-person", [("审批", "审查", "2026-11-03T09:15:00+08:00", None, None)])
    events(d, HRB, "hrb-rare", [("补交告知", "告知", "2026-11-04T10:00:00+08:00", None, "缺<营业执照>复印件 & 经办人签字")])
    cases = [listing(SEEDS["hrb-done"], "0451202600000003", "000000000003", "completed", "2026-10-21"),
             listing(SEEDS["hrb-person"], "0451202600000001", "000000000001", "processing", "2026-11-12")]
    later(d, HRB, cases, "hrb-person", "hrb-done", "hrb-rare",
          ("0", "2026-10-10T16:05:05+08:00", "城镇污水排入排水管网许可证", "ZZ-0451202600000003", "2031-10-10"))
    items(d, HRB)
    broken(d, SEEDS["hrb-person"], new, HRB + "3230125011000")


def later(d, unit, searched, processing, completed, corrected, result_code):
    """What can be asked about a case that is there, and changed about it: the same everywhere. Each is the name of a seed."""
    seed, bad = {name: SEEDS[name]["caseNo"] for name in (processing, completed, corrected)}, {"code": "UPSTREAM_BAD_REPLY"}
    conflict, nothing = {"code": "CONFLICT_STATE"}, {"caseNo": seed[processing][:31] + "202601019999"}
    who = SEEDS[processing]["applicant"]
    criteria = {"applicant": {"idType": who["idType"], "idNo": who["idNo"]}, "page": 1, "size": 20}
    d.record("cases.search", "by-number", criteria, answer=found(searched, 1, 20))
    one = {**criteria, "status": "processing", "appliedFrom": "2026-11-01T00:00:00+08:00", "appliedTo": "2026-11-30T00:00:00+08:00"}
    d.record("cases.search", "by-status-and-time", one, answer=found([c for c in searched if c["status"] == "processing"], 1, 20))
    d.record("cases.search", "second-page", {**criteria, "page": 2, "size": 1}, answer=found(searched, 2, 1))
    d.record("cases.search", "nobody", {"applicant": {"name": "无此人"}, "page": 1, "size": 20}, answer=found([], 1, 20))
    d.record("cases.search", "missing-list", criteria, fault=bad, misbehave="missing-field")
    d.record("cases.search", "unknown-status", criteria, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")
    d.record("cases.result", "licensed", {"caseNo": seed[completed]}, answer=result(unit, *result_code))
    d.record("cases.result", "too-early", {"caseNo": seed[processing]}, fault=conflict)
    d.record("cases.result", "not-found", nothing, fault={"code": "NOT_FOUND"})
    d.record("cases.result", "unknown-code", {"caseNo": seed[completed]}, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")
    d.record("cases.result", "missing-field", {"caseNo": seed[completed]}, fault=bad, misbehave="missing-field")
    d.record("cases.corrections.list", "open", {"caseNo": seed[corrected]}, answer=paged([notice(SEEDS[corrected])]))
    d.record("cases.corrections.list", "none", {"caseNo": seed[processing]}, answer=paged([]))
    d.record("cases.corrections.list", "missing-list", {"caseNo": seed[corrected]}, fault=bad, misbehave="missing-field")
    given = {"answeredTime": "2026-11-24T09:30:00+08:00", "materials": NOTICE["materials"]}
    d.record("cases.corrections.answer", "answered", {"caseNo": seed[corrected], **given}, answer=given)
    d.record("cases.corrections.answer", "nobody-asked", {"caseNo": seed[processing], **given}, fault=conflict)
    wish = {"caseNo": seed[processing], "reason": "申请人不再需要 <撤回> & 作罢"}
    if d.name == "hlj-zjt":
        gone = whole({k: v for k, v in SEEDS[processing].items() if k in ("caseNo", "itemCode", "applyTime")}, "ZJ2026000003", "00000003",
                     "withdrawn", SEEDS[processing]["applyTime"], None)
        gone.pop("promisedDueDate")
    else:
        gone = {"caseNo": seed[processing], "status": "withdrawn"}
    d.record("cases.withdraw", "withdrawn", wish, answer=gone)
    d.record("cases.withdraw", "completed", {"caseNo": seed[completed]}, fault=conflict)
    if d.name == "hlj-zjt":
        return
    praise = {"caseNo": seed[completed], "stage": "2", "score": 1, "text": "办得快，<好>评 & 感谢 𠮷", "channel": "mobile"}
    d.record("evaluations.create", "praise", praise, answer=praise)
    d.record("evaluations.create", "not-found", {**nothing, "stage": "1", "score": 5}, fault={"code": "NOT_FOUND"})


def tysl(port):
    d = Department("hlj-tysl", Tysl(), port)
    new = application(TYSL, "2000119021000", "0001", COMPANY, summary="示例印刷 <A> & B",
                      materials=[{"code": "1", "name": "申请表"}, {"code": "2", "name": "营业执照"}])
    taken = {"caseNo": new["caseNo"], "itemCode": new["itemCode"], "applyTime": new["applyTime"], "status": "submitted",
             "ticket": "TYSL202600000001"}
    d.record("cases.submit", "company", new, answer=taken)
    rare = application(TYSL, "2000119021000", "0002", RARE)
    d.record("cases.submit", "rare-name", rare,
             answer={**taken, "caseNo": rare["caseNo"]})
    d.record("cases.submit", "duplicate", new, fault={"code": "DUPLICATE"}, before=new)
    suspended = application(TYSL, "2000119022000", "0003", COMPANY)
    d.record("cases.submit", "suspended-item", suspended, fault=refused("R08", "该事项已暂停办理"))
    d.record("cases.submit", "busy", new, fault=refused("R99", "系统繁忙，请稍后再试"), misbehave="error-in-200")
    d.record("cases.submit", "credential", new, fault={"code": "UPSTREAM_CREDENTIAL"}, misbehave="bad-credential")
    for mode in ["html", "cut-off", "unparsable", "wrong-charset", "missing-field", "http-500", "dtd"]:
        d.record("cases.submit", mode, new, fault={"code": "UPSTREAM_BAD_REPLY"}, misbehave=mode)


def share(port):
    d = Department("gj-share", Share(), port)
    case, bad = {"caseNo": TYSL + "2000119021000202611020001"}, {"code": "UPSTREAM_BAD_REPLY"}
    went = [("申办", "2026-11-02T09:15:00+08:00"), ("受理", "2026-11-02T09:15:00+08:00"), ("审批", "2026-11-03T09:15:00+08:00")]
    d.record("cases.events", "processing", case, answer=paged([{"step": name, "startTime": time} for name, time in went]))
    d.record("cases.events", "not-found", {"caseNo": TYSL + "2000119021000202601019999"}, fault={"code": "NOT_FOUND"})
    d.record("cases.events", "busy", case, fault=refused("1999", "系统繁忙，请稍后再试"), misbehave="error-in-200")
    d.record("cases.events", "credential", case, fault={"code": "UPSTREAM_CREDENTIAL"}, misbehave="bad-credential")
    for mode in ["html", "cut-off", "unparsable", "wrong-charset", "missing-field", "http-500"]:
        d.record("cases.events", mode, case, fault=bad, misbehave=mode)
    asked = {"subject": {"idType": "idCard", "idNo": "11010519491231002X"}, "fields": {"name": "𠮷野㐂䶮", "birthday": "1949-12-31"},
             "purpose": "印刷经营许可"}
    d.record("verifications.create", "right", asked, answer={"match": {"name": True, "birthday": True}})
    wrong = {**asked, "fields": {"name": "𠮷野㐂", "birthday": "1949-12-31"}}
    d.record("verifications.create", "one-is-wrong", wrong, answer={"match": {"name": False, "birthday": True}})
    d.record("verifications.create", "one-field", {**asked, "fields": {"name": "张三"}}, answer={"match": {"name": False}})
    nobody = {**asked, "subject": {"idType": "idCard", "idNo": "230602197511303338"}}
    d.record("verifications.create", "not-found", nobody, fault={"code": "NOT_FOUND"})
    d.record("verifications.create", "unknown-verdict", asked, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")


def qyxx(port):
    d = Department("hlj-qyxx", Qyxx(), port)
    bad, code = {"code": "UPSTREAM_BAD_REPLY"}, "91230100MA1B2C3D8M"
    asked = {"holderCode": code, "purpose": "食品经营许可", "page": 1, "size": 20}
    d.record("licences.list", "valid", asked, answer=found([ENTERPRISES[code]], 1, 20))
    other = {**asked, "holderCode": "91230100MA1B2C4E2R"}
    d.record("licences.list", "revoked", other, answer=found([ENTERPRISES["91230100MA1B2C4E2R"]], 1, 20))
    d.record("licences.list", "nobody", {**asked, "holderCode": "91230100MA1B2C5F70"}, answer=found([], 1, 20))
    d.record("licences.list", "unknown-state", asked, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")
    d.record("licences.list", "busy", asked, fault=refused("5000", "系统繁忙，请稍后再试"), misbehave="error-in-200")
    d.record("licences.list", "credential", asked, fault={"code": "UPSTREAM_CREDENTIAL"}, misbehave="bad-credential")
    for mode in ["html", "cut-off", "unparsable", "wrong-charset", "missing-field", "http-500"]:
        d.record("licences.list", mode, asked, fault=bad, misbehave=mode)
    criteria = {"holder": {"code": code, "codeType": "uscc"}, "purpose": "食品经营许可", "page": 1, "size": 20}
    d.record("licences.search", "valid", criteria, answer=found([ENTERPRISES[code]], 1, 20))
    said = {"subject": {"idType": "uscc", "idNo": code}, "fields": {"name": "黑龙江省示例商贸有限公司", "legalRep": "李四"}, "purpose": "食品经营许可"}
    d.record("verifications.create", "right", said, answer={"match": {"name": True, "legalRep": True}})
    wrong = {**said, "fields": {"name": "黑龙江省示例商贸有限公司", "legalRep": "王五"}}
    d.record("verifications.create", "one-is-wrong", wrong, answer={"match": {"name": True, "legalRep": False}})
    d.record("verifications.create", "one-field", {**said, "fields": {"legalRep": "李四"}}, answer={"match": {"legalRep": True}})
    d.record("verifications.create", "not-found", {**said, "subject": {"idNo": "91230100MA1B2C5F70"}}, fault={"code": "NOT_FOUND"})
    d.record("verifications.create", "missing-list", said, fault=bad, misbehave="missing-field")


def zzk(port):
    d = Department("hlj-zzk", Zzk(), port)
    bad, food, medicine, project = {"code": "UPSTREAM_BAD_REPLY"}, *LICENCES
    asked = {"holderCode": "91230100MA1B2C3D8M", "purpose": "食品经营许可", "page": 1, "size": 20}
    d.record("licences.list", "two", asked, answer=found([food, project], 1, 20))
    d.record("licences.list", "second-page", {**asked, "page": 2, "size": 1}, answer=found([food, project], 2, 1))
    d.record("licences.list", "nobody", {**asked, "holderCode": "91230100MA1B2C5F70"}, answer=found([], 1, 20))
    d.record("licences.list", "busy", asked, fault=refused("BUSY", "系统繁忙，请稍后再试"), misbehave="error-in-200")
    criteria = {"holder": {"code": "11010519491231002X", "codeType": "idCard"}, "purpose": "药品经营许可", "page": 1, "size": 20}
    d.record("licences.search", "person", criteria, answer=found([medicine], 1, 20))
    get = {"id": food["id"], "purpose": "食品经营许可"}
    d.record("licences.get", "company", get, answer=food)
    d.record("licences.get", "without-end", {**get, "id": medicine["id"]}, answer=medicine)
    nothing = {**get, "id": "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20990101000001.001.P"}
    d.record("licences.get", "not-found", nothing, fault={"code": "NOT_FOUND"})
    d.record("licences.get", "unknown-status", get, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")
    d.record("licences.get", "expired-token", get, expired=True, misbehave="expired-token")
    for mode in ["html", "cut-off", "unparsable", "wrong-charset", "missing-field", "http-500"]:
        d.record("licences.get", mode, get, fault=bad, misbehave=mode)
    said = {**get, "fields": {"number": food["number"], "holderName": "示例商贸"}}
    d.record("licences.verify", "one-is-wrong", said, answer={"match": {"number": True, "holderName": False}, "status": "valid"})
    d.record("licences.verify", "missing-field", said, fault=bad, misbehave="missing-field")
    content = licence_file(food)
    d.record("licences.file", "company", get, answer={"name": "JY12301000000016.pdf", "mediaType": "application/pdf", "content": content})


def zjt(port):
    d = Department("hlj-zjt", Zjt(), port)
    bad = {"code": "UPSTREAM_BAD_REPLY"}
    new = application(ZJT, "2000117031000", "0001", COMPANY, form={"等级": "01", "amount": 1.5})
    # Neither the kind, the legal representative nor the channel is asked for there.
    known = {k: v for k, v in COMPANY.items() if k not in ("kind", "legalRep")}
    kept_new = whole({**{k: v for k, v in new.items() if k != "channel"}, "applicant": known}, "ZJ2026000004", "00000004", "submitted")
    first = {k: v for k, v in kept_new.items() if k not in ("applicant", "region", "form")}
    d.record("cases.submit", "company", new, answer=first)
    d.record("cases.submit", "duplicate", new, fault={"code": "DUPLICATE"}, before=new)
    d.record("cases.submit", "busy", new, fault=refused("999999", "系统繁忙，请稍后再试"), misbehave="error-in-200")
    d.record("cases.submit", "credential", new, fault={"code": "UPSTREAM_CREDENTIAL"}, misbehave="bad-credential")
    d.record("cases.get", "just-submitted", {"caseNo": new["caseNo"]}, answer=kept_new, before=new)

    def kept(name, own, status):
        seed = SEEDS["zjt-" + name]
        answer = whole(seed, "ZJ2026" + own, "00" + own, status, seed["applyTime"], None)
        answer.pop("promisedDueDate")
        return answer
    d.record("cases.get", "rare", {"caseNo": SEEDS["zjt-rare"]["caseNo"]}, answer=kept("rare", "000002", "correctionRequested"))
    get = {"caseNo": SEEDS["zjt-company"]["caseNo"]}
    d.record("cases.get", "not-found", {"caseNo": get["caseNo"][:31] + "202601019999"}, fault={"code": "NOT_FOUND"})
    d.record("cases.get", "unknown-status", get, fault={"code": "UNMAPPED_CODE"}, misbehave="unknown-status")
    for mode in ["html", "cut-off", "unparsable", "bad-xml", "wrong-charset", "missing-field", "http-500", "dtd"]:
        d.record("cases.get", mode, get, fault=bad, misbehave=mode)
    searched = [kept("done", "000001", "completed"), kept("company", "000003", "processing")]
    later(d, ZJT, searched, "zjt-company", "zjt-done", "zjt-rare",
          ("0", "2026-10-10T16:05:05+08:00", "建筑业企业资质认定证", "ZZ-ZJ2026000001", "2031-10-10"))


if __name__ == "__main__":
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 9101
    for offset, make in enumerate([scjg, fgw, hrb, tysl, share, qyxx, zzk, zjt]):
        make(first + offset)
