"""The departments' requests, built by hand from Mocks/README.md; knows nothing of the gateway."""
import base64
import datetime
import hashlib
import hmac
import json
import urllib.parse

# The contract's words on the left, the department's codes on the right.
KIND = {"person": "1", "enterprise": "2", "institution": "3", "socialOrganisation": "4", "government": "5", "other": "6"}
CHANNEL = {"window": "1", "web": "2", "mobile": "3", "express": "4", "other": "9"}


def local(time):
    """RFC 3339 with +08:00 as yyyy-MM-dd HH:mm:ss."""
    if not time:
        return ""
    return time[:10] + " " + time[11:19]


def milliseconds(time):
    """RFC 3339 as milliseconds since 1970."""
    return int(datetime.datetime.fromisoformat(time).timestamp() * 1000)


def compact(time):
    return "".join(c for c in local(time) if c.isdigit())


def compact_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def get(value, path):
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def present(pairs):
    return [(k, v) for k, v in pairs if v not in (None, "", [], {})]


class Scjg:
    port, id_types = 0, {"idCard": "10", "passport": "20", "uscc": "50", "other": "99"}
    names = {"cases.submit": "receiveData", "cases.get": "queryData", "cases.events": "queryProcess", "items.list": "queryItemList",
             "items.get": "queryItem", "cases.search": "queryList", "cases.result": "queryResult", "cases.corrections.list": "queryNotice",
             "cases.corrections.answer": "replyNotice", "cases.withdraw": "cancelData", "evaluations.create": "receiveEvaluate"}
    status = {"processing": "05", "completed": "09"}

    def request(self, call):
        operation, given = call["operation"], call["input"]
        root, fields = "QUERYINFO", []
        if operation == "cases.submit":
            root, fields = "APPROVEDATAINFO", self.submit(given)
        elif operation == "items.list":
            fields = [("YM", str(given["page"])), ("MYTS", str(given["size"])), ("SXMC", given.get("keyword"))]
        elif operation == "items.get":
            fields = [("SXBM", given["itemCode"])]
        elif operation in self.names and operation not in ("cases.get", "cases.events"):
            root, fields = self.later(operation, given)
        else:
            fields = [("SBLSH", given["caseNo"])]
        document = '<?xml version="1.0" encoding="GBK"?>' + self.element(root, present(fields))
        digest = hashlib.md5(b"demoScjgPassword").hexdigest()
        name = self.names[operation]
        body = ('<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
                f' xmlns:ser="http://service.spjk.example/"><soapenv:Body><ser:{name}><arg0>tongban</arg0><arg1>{digest}</arg1>'
                f'<arg2><![CDATA[{document}]]></arg2></ser:{name}></soapenv:Body></soapenv:Envelope>')
        head = "POST /services/SpjkService HTTP/1.1\r\nContent-Type: text/xml; charset=UTF-8\r\nSOAPAction: \"\"\r\n\r\n"
        return head.encode(), body.encode()

    def later(self, operation, given):
        number = [("SBLSH", given.get("caseNo"))]
        if operation == "cases.search":
            return "QUERYINFO", [
                ("SQRMC", get(given, "applicant.name")), ("SQRZJHM", get(given, "applicant.idNo")), ("SXBM", given.get("itemCode")),
                ("BLZT", self.status.get(given.get("status"))), ("SBSJQ", local(given.get("appliedFrom", ""))),
                ("SBSJZ", local(given.get("appliedTo", ""))), ("YM", str(given["page"])), ("MYTS", str(given["size"]))]
        if operation == "cases.corrections.answer":
            listed = [("CL", [("CLBH", m["code"]), ("CLMC", m["name"])]) for m in given.get("materials", [])]
            return "BZINFO", number + [("BZSJ", local(given["answeredTime"])), ("CLLB", listed)]
        if operation == "evaluations.create":
            return "PJINFO", number + [("PJHJ", given["stage"]), ("MYD", str(given["score"])), ("PJNR", given.get("text")),
                                       ("PJQD", CHANNEL.get(given.get("channel")))]
        return "QUERYINFO", number + [("CXYY", given.get("reason"))]

    def submit(self, given):
        form, materials = given.get("form"), given.get("materials")
        return [
            ("SBLSH", given["caseNo"]), ("SXBM", given["itemCode"]), ("SXMC", given.get("itemName")), ("BLZY", given.get("summary")),
            ("SQRLX", KIND[given["applicant"]["kind"]]), ("SQRMC", get(given, "applicant.name")),
            ("SQRZJLX", self.id_types[given["applicant"]["idType"]]), ("SQRZJHM", get(given, "applicant.idNo")),
            ("FDDBR", get(given, "applicant.legalRep")), ("LXDH", get(given, "applicant.mobile")), ("LXDZ", get(given, "applicant.address")),
            ("DLRXM", get(given, "agent.name")), ("DLRZJHM", get(given, "agent.idNo")), ("DLRDH", get(given, "agent.mobile")),
            ("XZQHDM", given["region"]), ("SLQD", CHANNEL.get(given.get("channel"))), ("SBSJ", local(given["applyTime"])),
            ("LBJH", given.get("parentNo")), ("BDSJ", compact_json(form) if form else None),
            ("CLLB", [("CL", [("CLBH", m["code"]), ("CLMC", m["name"])]) for m in materials] if materials else None)]

    def element(self, name, content):
        if isinstance(content, list):
            inside = "".join(self.element(n, c) for n, c in content)
        else:
            inside = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f"<{name}>{inside}</{name}>"


class Fgw:
    port, id_types = 0, {"idCard": "ID_CARD", "passport": "PASSPORT", "uscc": "USCC", "other": "OTHER"}
    paths = {"cases.submit": "/api/project/apply", "cases.get": "/api/project/detail", "cases.events": "/api/project/process",
             "items.list": "/api/item/list", "items.get": "/api/item/detail", "cases.search": "/api/project/search",
             "cases.result": "/api/project/result", "cases.corrections.list": "/api/project/notices",
             "cases.corrections.answer": "/api/project/supplement", "cases.withdraw": "/api/project/withdraw",
             "evaluations.create": "/api/project/evaluate"}
    status = {"processing": 40, "completed": 90}

    def login(self):
        return (b"POST /api/login HTTP/1.1\r\nContent-Type: application/json\r\n\r\n",
                b'{"account":"tongban","password":"demoFgwPassword"}')

    def token(self, reply):
        return reply["custom"]["token"]

    def request(self, call):
        operation, given = call["operation"], call["input"]
        if operation == "cases.submit":
            params = self.submit(given)
        elif operation == "items.list":
            params = [("pageNo", given["page"]), ("pageSize", given["size"]), ("keyword", given.get("keyword"))]
        elif operation == "items.get":
            params = [("itemcode", given["itemCode"])]
        elif operation in ("cases.get", "cases.events"):
            params = [("flowsn", given["caseNo"])]
        else:
            params = self.later(operation, given)
        body = compact_json({"token": call["session"], "params": dict(present(params))})
        head = f"POST {self.paths[operation]} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
        return head.encode(), body.encode()

    def later(self, operation, given):
        number = [("flowsn", given.get("caseNo"))]
        if operation == "cases.search":
            return [
                ("applyname", get(given, "applicant.name")), ("certno", get(given, "applicant.idNo")), ("itemcode", given.get("itemCode")),
                ("state", self.status.get(given.get("status"))), ("begintime", local(given.get("appliedFrom", ""))),
                ("endtime", local(given.get("appliedTo", ""))), ("pageNo", given["page"]), ("pageSize", given["size"])]
        if operation == "cases.corrections.answer":
            return number + [("answertime", local(given["answeredTime"])), ("attachs", given.get("materials"))]
        if operation == "evaluations.create":
            return number + [("stage", given["stage"]), ("score", given["score"]), ("content", given.get("text")),
                             ("channel", CHANNEL.get(given.get("channel")))]
        return number + [("reason", given.get("reason"))]

    def submit(self, given):
        agent = dict(present([("name", get(given, "agent.name")), ("certno", get(given, "agent.idNo")),
                              ("mobile", get(given, "agent.mobile"))]))
        return [
            ("flowsn", given["caseNo"]), ("itemcode", given["itemCode"]), ("itemname", given.get("itemName")),
            ("projectname", given.get("summary")), ("applytype", int(KIND[given["applicant"]["kind"]])),
            ("applyname", get(given, "applicant.name")), ("certtype", self.id_types[given["applicant"]["idType"]]),
            ("certno", get(given, "applicant.idNo")), ("legalman", get(given, "applicant.legalRep")),
            ("mobile", get(given, "applicant.mobile")), ("address", get(given, "applicant.address")), ("agent", agent),
            ("regioncode", given["region"]), ("channel", CHANNEL.get(given.get("channel"))), ("applytime", local(given["applyTime"])),
            ("parentsn", given.get("parentNo")), ("forminfo", given.get("form")),
            ("attachs", [{"code": m["code"], "name": m["name"]} for m in given.get("materials", [])])]


class Hrb:
    port, id_types = 0, {"idCard": "111", "passport": "414", "uscc": "001", "other": "999"}
    names = {"cases.submit": "tjsq", "cases.get": "cxbj", "cases.events": "bjgc", "items.list": "sxlb", "items.get": "sxxq",
             "cases.search": "bjlb", "cases.result": "jgcx", "cases.corrections.list": "bzcx", "cases.corrections.answer": "bztj",
             "cases.withdraw": "chsq", "evaluations.create": "hcp"}
    status = {"processing": "3", "completed": "4"}

    def request(self, call):
        operation, given = call["operation"], call["input"]
        if operation == "cases.submit":
            fields = self.submit(given)
        elif operation == "items.list":
            fields = [("dqy", str(given["page"])), ("myts", str(given["size"])), ("sxmc", given.get("keyword"))]
        elif operation == "items.get":
            fields = [("sxbm", given["itemCode"])]
        elif operation in ("cases.get", "cases.events"):
            fields = [("sblsh", given["caseNo"])]
        else:
            fields = self.later(operation, given)
        fields = present(fields) + [("appKey", "HLJ0001"), ("timestamp", compact(call["now"])), ("nonce", call["random"])]
        text = "&".join(f"{k}={v}" for k, v in sorted(fields)) + "&key=demoSecret"
        fields.append(("sign", hashlib.md5(text.encode("gb18030")).hexdigest().upper()))
        body = "&".join(f"{k}={self.escape(v)}" for k, v in fields)
        head = (f"POST /hrb/api/{self.names[operation]}.do HTTP/1.1\r\n"
                "Content-Type: application/x-www-form-urlencoded; charset=GBK\r\n\r\n")
        return head.encode(), body.encode()

    def later(self, operation, given):
        number = [("sblsh", given.get("caseNo"))]
        if operation == "cases.search":
            return [
                ("sqrmc", get(given, "applicant.name")), ("sqrzjhm", get(given, "applicant.idNo")), ("sxbm", given.get("itemCode")),
                ("bjzt", self.status.get(given.get("status"))), ("sqsjq", compact(given.get("appliedFrom", ""))),
                ("sqsjz", compact(given.get("appliedTo", ""))), ("dqy", str(given["page"])), ("myts", str(given["size"]))]
        if operation == "cases.corrections.answer":
            listed = [{"clbm": m["code"], "clmc": m["name"]} for m in given.get("materials", [])]
            return number + [("bzsj", compact(given["answeredTime"])), ("clxx", compact_json(listed) if listed else None)]
        if operation == "evaluations.create":
            return number + [("pjhj", given["stage"]), ("myd", str(given["score"])), ("pjnr", given.get("text")),
                             ("pjqd", CHANNEL.get(given.get("channel")))]
        return number + [("chyy", given.get("reason"))]

    def escape(self, text):
        # The WHATWG serializer: everything but A-Z a-z 0-9 - _ . * is escaped, a space is a plus.
        return urllib.parse.quote_plus(text.encode("gb18030"), safe="*").replace("~", "%7E")

    def submit(self, given):
        form, materials = given.get("form"), given.get("materials")
        listed = [{"clbm": m["code"], "clmc": m["name"]} for m in materials] if materials else None
        return [
            ("sblsh", given["caseNo"]), ("sxbm", given["itemCode"]), ("sxmc", given.get("itemName")), ("blzy", given.get("summary")),
            ("sqrlx", KIND[given["applicant"]["kind"]]), ("sqrmc", get(given, "applicant.name")),
            ("sqrzjlx", self.id_types[given["applicant"]["idType"]]), ("sqrzjhm", get(given, "applicant.idNo")),
            ("fddbr", get(given, "applicant.legalRep")), ("lxdh", get(given, "applicant.mobile")), ("lxdz", get(given, "applicant.address")),
            ("dlrxm", get(given, "agent.name")), ("dlrzjhm", get(given, "agent.idNo")), ("dlrdh", get(given, "agent.mobile")),
            ("xzqhdm", given["region"]), ("blxs", CHANNEL.get(given.get("channel"))), ("sqsj", compact(given["applyTime"])),
            ("ljbh", given.get("parentNo")), ("bdxx", compact_json(form) if form else None), ("clxx", compact_json(listed) if listed else None)]


def form(path, fields, headers=()):
    """A form in UTF-8, as the WHATWG serializer writes it."""
    body = "&".join(f"{k}={urllib.parse.quote_plus(v, safe='*').replace('~', '%7E')}" for k, v in fields)
    lines = [f"POST {path} HTTP/1.1", "Content-Type: application/x-www-form-urlencoded; charset=UTF-8"] + [f"{k}: {v}" for k, v in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), body.encode()


class Tysl:
    """省统一受理平台: a document in the field xmlStr."""

    def request(self, call):
        given = call["input"]
        fields = present([
            ("SBLSH_SHORT", given["caseNo"]), ("SXBM", given["itemCode"]), ("XZQHDM", given["region"]), ("EXPRESSTYPE", "3"),
            ("BZSLBLRXM", get(given, "agent.name") or get(given, "applicant.name")),
            ("BZCLQD", ";".join(m["name"] for m in given.get("materials", []))), ("BZSJ", local(given["applyTime"]) + ".0"),
            ("SQRMC", get(given, "applicant.name")), ("SQRZJHM", get(given, "applicant.idNo")), ("BZ", given.get("summary"))])
        document = '<?xml version="1.0" encoding="UTF-8"?>' + Scjg().element("APPLY", fields)
        return form("/tysl/push.do", [("xmlStr", document)], [("sys_code", "hljtysl01")])


class Share:
    """国家政务服务共享平台: signed headers, a JSON text in the field biz_content."""

    def request(self, call):
        given, service = call["input"], "s_2300000000000_0001"
        content = [("case_no", given.get("caseNo"))]
        if call["operation"] == "verifications.create":
            service = "s_2300000000000_0002"
            content = [("gmsfhm", given["subject"]["idNo"]), ("xm", get(given, "fields.name")),
                       ("csrq", (get(given, "fields.birthday") or "").replace("-", "")), ("yt", given["purpose"])]
        time = str(milliseconds(call["now"]))
        mac = hmac.new(b"demoAppSecret0001", (service + call["random"] + time).encode(), "sha256").digest()
        headers = [("gjzwfwpt_sid", service), ("gjzwfwpt_rid", call["random"]), ("gjzwfwpt_rtime", time),
                   ("gjzwfwpt_sign", base64.b64encode(mac).decode())]
        fields = [("access_key", "demoShareKey"), ("request_id", call["random"]), ("timestamp", compact(call["now"])), ("version", "1.0"),
                  ("biz_content", compact_json(dict(present(content))))]
        return form("/gateway/api.do", fields, headers)


class Qyxx:
    """省企业信用信息平台: JSON."""

    def request(self, call):
        given, path = call["input"], "/qyxx/api/query"
        content = [("uniscid", given.get("holderCode") or get(given, "holder.code")), ("yt", given["purpose"])]
        if call["operation"] == "verifications.create":
            path = "/qyxx/api/verify"
            content = [("uniscid", given["subject"]["idNo"]), ("entname", get(given, "fields.name")), ("name", get(given, "fields.legalRep")),
                       ("yt", given["purpose"])]
        head = f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\napp_key: demoQyxxKey\r\n\r\n"
        return head.encode(), compact_json(dict(present(content))).encode()


class Zjt:
    """省住房和城乡建设厅: APIKEY and ParamJson."""
    names = {"cases.submit": "submitCase", "cases.get": "queryCase", "cases.search": "queryCaseList", "cases.result": "queryResult",
             "cases.corrections.list": "queryCorrect", "cases.corrections.answer": "submitCorrect", "cases.withdraw": "cancelCase"}
    status = {"processing": "C", "completed": "F"}

    def request(self, call):
        params = compact_json(dict(present(self.params(call["operation"], call["input"]))))
        return form(f"/zjt/service/{self.names[call['operation']]}.action", [("APIKEY", "demoZjtKey"), ("ParamJson", params)])

    def params(self, operation, given):
        number = [("ShenBanLiuShuiHao", given.get("caseNo"))]
        if operation == "cases.submit":
            return number + [
                ("ShiXiangBianMa", given["itemCode"]), ("ShenQingRen", get(given, "applicant.name")),
                ("ZhengJianLeiXing", {"idCard": "1", "uscc": "2"}.get(get(given, "applicant.idType"), "9")),
                ("ZhengJianHaoMa", get(given, "applicant.idNo")), ("LianXiDianHua", get(given, "applicant.mobile")),
                ("XingZhengQuHua", given["region"]), ("ShenQingShiJian", compact(given["applyTime"])),
                ("BiaoDan", compact_json(given["form"]) if given.get("form") else None)]
        if operation == "cases.search":
            return [
                ("ShenQingRen", get(given, "applicant.name")), ("ZhengJianHaoMa", get(given, "applicant.idNo")),
                ("ShiXiangBianMa", given.get("itemCode")), ("BanJianZhuangTai", self.status.get(given.get("status"))),
                ("KaiShi", compact(given.get("appliedFrom", ""))), ("JieShu", compact(given.get("appliedTo", ""))),
                ("YeMa", given["page"]), ("MeiYe", given["size"])]
        if operation == "cases.corrections.answer":
            listed = [{"BianHao": m["code"], "MingCheng": m["name"]} for m in given["materials"]]
            return number + [("BuZhengShiJian", compact(given["answeredTime"])), ("CaiLiao", listed)]
        return number + [("YuanYin", given.get("reason"))]


class Zzk:
    """省电子证照库: a login, an authorisation, then the licences."""

    def post(self, path, query, content):
        line = f"POST {path}?{query} HTTP/1.1" if query else f"POST {path} HTTP/1.1"
        return (line + "\r\nContent-Type: application/json\r\n\r\n").encode(), compact_json(content).encode()

    def login(self):
        return self.post("/zzk/login", "", {"account": "tongban", "password": "demoZzkPassword", "app_key": "demoZzkApp",
                                            "app_secret": "demoZzkSecret"})

    def token(self, reply):
        return reply["access_token"]

    def steps(self, call, ask):
        given = call["input"]
        holder = given.get("holderCode") or get(given, "holder.code")
        who = {"name": "统办网关", "identity_number": "tongban", "department": "省政务服务平台"}
        asked = dict(present([("identity_number", holder), ("license_id", given.get("id"))]))
        asked |= {"service_item_code": "000000", "service_item_name": given["purpose"], "operator": who}
        codes = ",".join(ask(*self.post("/zzk/auth", "access_token=" + call["session"], asked))["auth_codes"])
        return {"auth": {"codes": codes} if codes else {}}

    def request(self, call):
        codes, fields = call["steps"]["auth"].get("codes"), call["input"].get("fields", {})
        query = "access_token=" + call["session"] + ("&auth_code=" + urllib.parse.quote(codes, safe="") if codes else "")
        if call["operation"] == "licences.verify":
            said = [("license_number", fields.get("number")), ("holder_name", fields.get("holderName")),
                    ("holder_identity_num", fields.get("holderCode"))]
            return self.post("/zzk/verify", query, dict(present(said)))
        return self.post("/zzk/get_license", query, {"need_file": "1" if call["operation"] == "licences.file" else "0"})
