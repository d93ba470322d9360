"""The three departments' requests, built by hand from Mocks/README.md; knows nothing of the gateway."""
import hashlib
import json
import urllib.parse

# The contract's words on the left, the department's codes on the right.
KIND = {"person": "1", "enterprise": "2", "institution": "3", "socialOrganisation": "4", "government": "5", "other": "6"}
CHANNEL = {"window": "1", "web": "2", "mobile": "3", "express": "4", "other": "9"}


def local(time):
    """RFC 3339 with +08:00 as yyyy-MM-dd HH:mm:ss."""
    return time[:10] + " " + time[11:19]


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
             "items.get": "queryItem"}

    def request(self, call):
        operation, given = call["operation"], call["input"]
        root, fields = "QUERYINFO", []
        if operation == "cases.submit":
            root, fields = "APPROVEDATAINFO", self.submit(given)
        elif operation == "items.list":
            fields = [("YM", str(given["page"])), ("MYTS", str(given["size"])), ("SXMC", given.get("keyword"))]
        elif operation == "items.get":
            fields = [("SXBM", given["itemCode"])]
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
             "items.list": "/api/item/list", "items.get": "/api/item/detail"}

    def request(self, call):
        operation, given = call["operation"], call["input"]
        if operation == "cases.submit":
            params = self.submit(given)
        elif operation == "items.list":
            params = [("pageNo", given["page"]), ("pageSize", given["size"]), ("keyword", given.get("keyword"))]
        elif operation == "items.get":
            params = [("itemcode", given["itemCode"])]
        else:
            params = [("flowsn", given["caseNo"])]
        body = compact_json({"token": call["session"], "params": dict(present(params))})
        head = f"POST {self.paths[operation]} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
        return head.encode(), body.encode()

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
    names = {"cases.submit": "tjsq", "cases.get": "cxbj", "cases.events": "bjgc", "items.list": "sxlb", "items.get": "sxxq"}

    def request(self, call):
        operation, given = call["operation"], call["input"]
        if operation == "cases.submit":
            fields = self.submit(given)
        elif operation == "items.list":
            fields = [("dqy", str(given["page"])), ("myts", str(given["size"])), ("sxmc", given.get("keyword"))]
        elif operation == "items.get":
            fields = [("sxbm", given["itemCode"])]
        else:
            fields = [("sblsh", given["caseNo"])]
        fields = present(fields) + [("appKey", "HLJ0001"), ("timestamp", compact(call["now"])), ("nonce", call["random"])]
        text = "&".join(f"{k}={v}" for k, v in sorted(fields)) + "&key=demoSecret"
        fields.append(("sign", hashlib.md5(text.encode("gb18030")).hexdigest().upper()))
        body = "&".join(f"{k}={self.escape(v)}" for k, v in fields)
        head = (f"POST /hrb/api/{self.names[operation]}.do HTTP/1.1\r\n"
                "Content-Type: application/x-www-form-urlencoded; charset=GBK\r\n\r\n")
        return head.encode(), body.encode()

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
