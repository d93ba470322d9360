"""What the origin answers: JSON to pass through, a department's reply about a case, and the same as SOAP with a GBK document inside."""
import json
from xml.sax.saxutils import escape

CASE = "11230000MB1A00028M2000104033000202611020001"
SIZES = {"1 KB": 1_000, "10 KB": 10_000, "100 KB": 100_000}
PLAIN = {"1 KB": 922, "10 KB": 10_000, "100 KB": 100_000}


def authority(number):
    """A unified social credit code (GB 32100, with the organisation code of GB 11714 in it) that belongs to nobody, one for each number."""
    organisation = f"{number:08d}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    body = "11230000" + organisation + {10: "X", 11: "0"}.get(check, str(check))
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    check = -sum(letters.index(letter) * pow(3, place, 31) for place, letter in enumerate(body)) % 31
    return body + letters[check]


def authority_of(kind, size):
    """Each size is a department of its own, since the case number names the department."""
    return authority(1000 + 10 * ["mapping", "soap"].index(kind) + list(SIZES).index(size))


def case_number(kind, size):
    """The case that a department of the run is asked for, and answers about."""
    return authority_of(kind, size) + CASE[18:]


def plain(size):
    """JSON of exactly so many bytes, nothing in it worth a look."""
    return json.dumps({"head": {"status": 0}, "data": ["x" * 10] * (size // 13)})[:size].ljust(size)


def filled(begin, more, target):
    """begin with so many entries more that it has about target bytes."""
    entries = []
    while len(begin(entries)) < target:
        entries.append(more(len(entries)))
    return begin(entries)


def case_reply(size):
    """A department's reply about its case, filled up with attachments."""
    number = case_number("mapping", size)

    def reply(attachs):
        project = {
            "flowsn": number, "projectcode": "2026-230000-04-01-000001", "state": 40, "receiptno": "0000000001",
            "itemcode": number[:31], "itemname": "企业投资项目核准", "applytime": "2026-11-02 09:15:00",
            "accepttime": 1793582100000, "promisedate": "2026-11-16", "projectname": "示例粮食仓储物流园项目", "applytype": 2,
            "applyname": "黑龙江省示例商贸有限公司", "certtype": "USCC", "certno": "91230100MA1B2C3D8M", "legalman": "李四",
            "mobile": "13800005678", "agent": {"name": "王五", "certno": "230602197511303338", "mobile": "13700004321"},
            "regioncode": "230100", "channel": "2", "forminfo": {"investment": 120000, "landArea": "08.50"}, "attachs": attachs}
        reply = {"status": {"code": 200, "text": ""}, "custom": {"code": 1, "text": "查询成功", "project": project}}
        return json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode()
    return filled(reply, lambda number: {"code": "%03d" % number, "name": "项目申请报告"}, SIZES[size])


def soap_reply(size):
    """SOAP 1.1 in GBK whose one string is XML again, escaped, as the market supervision bureau sends it."""
    number = case_number("soap", size)

    def reply(materials):
        facts = [
            ("SBLSH", number), ("YWLSH", "SCJG-2026-000001"), ("BLZT", "05"), ("SXMC", "食品经营许可"), ("SBSJ", "2026-11-02 09:15:00"),
            ("SLSJ", "20261102091500"), ("SQRLX", "2"), ("SQRMC", "黑龙江省示例商贸有限公司"), ("SQRZJLX", "50"),
            ("SQRZJHM", "91230100MA1B2C3D8M"), ("XZQHDM", "230100"), ("SLQD", "2")]
        data = "".join(f"<{name}>{value}</{name}>" for name, value in facts) + f"<CLLB>{''.join(materials)}</CLLB>"
        inner = f'<?xml version="1.0" encoding="GBK"?><RESULT><STATUS>1</STATUS><DESC/><data>{data}</data></RESULT>'
        return ('<?xml version="1.0" encoding="GBK"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
                f'<ns2:queryDataResponse xmlns:ns2="http://service.spjk.example/"><return>{escape(inner)}</return>'
                '</ns2:queryDataResponse></soap:Body></soap:Envelope>').encode("gbk")
    return filled(reply, lambda number: f"<CL><CLBH>CL{number:03d}</CLBH><CLMC>食品经营许可申请书</CLMC></CL>", SIZES[size])
