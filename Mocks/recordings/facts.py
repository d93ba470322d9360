"""What the departments hold, in the contract's words: the answers that a correct gateway gives.

Written by hand from Mocks/README.md, not computed from replies, so that a wrong reply does not make a wrong answer.
"""
import base64

SCJG, FGW, HRB = "11230000MB1A0001XM", "11230000MB1A00028M", "11230100MB1A00036M"
TYSL, ZJT = "11230000MB1A00044B", "11230000MB1A00087Q"
UNIT = {SCJG: "黑龙江省市场监督管理局", FGW: "黑龙江省发展和改革委员会", HRB: "哈尔滨市营商环境建设监督局", ZJT: "黑龙江省住房和城乡建设厅"}
NAMES = {
    SCJG + "2000125005000": "食品经营许可", SCJG + "2000125006000": "药品经营许可（零售）", SCJG + "2000725010000": "股权出质登记",
    FGW + "2000104033000": "企业投资项目核准", FGW + "2000104034000": "固定资产投资项目节能审查", FGW + "2001004035000": "企业投资项目备案",
    HRB + "3230125011000": "城镇污水排入排水管网许可", HRB + "3232025013000": "公共停车场信息查询", HRB + "3230125014000": "临时占用城市道路许可",
    TYSL + "2000119021000": "印刷经营许可", TYSL + "2000119022000": "出版物零售许可", ZJT + "2000117031000": "建筑业企业资质认定",
}


def item(code, local, legal, promised, case_type, targets, fee, state, version, conditions=None, materials=None):
    facts = {
        "itemCode": code, "baseCode": code[19:], "handleItemCode": code + "01", "localItemCode": local, "name": NAMES[code],
        "type": code[21:23], "level": code[18], "authority": {"uscc": code[:18], "name": UNIT[code[:18]]}, "legalDays": legal,
        "promisedDays": promised, "caseType": case_type, "serviceTargets": targets, "fee": fee, "state": state, "version": version}
    if conditions:
        facts["conditions"] = conditions
    if materials:
        facts["materials"] = [{"code": c, "name": n, "required": r, "copies": k} for c, n, r, k in materials]
    return facts


ITEMS = {
    SCJG: [
        item(SCJG + "2000125005000", "0025005", 20, 9, "2", ["1", "2"], False, "active", "3",
             "具有与经营的食品品种、数量相适应的场所；<距离污染源>符合规定 & 布局合理。",
             [("CL001", "食品经营许可申请书", True, 1), ("CL002", "营业执照复印件", False, 2)]),
        item(SCJG + "2000125006000", "0025006", 30, 15, "2", ["2"], True, "active", "12", "具有依法经过资格认定的药师。",
             [("CL001", "药品经营许可证申请表", True, 1)]),
        item(SCJG + "2000725010000", "0725010", 3, 1, "1", ["1", "2", "3"], False, "suspended", "1"),
    ],
    FGW: [
        item(FGW + "2000104033000", "FG-0033", 20, 10, "2", ["2", "3"], False, "active", "2", "列入《政府核准的投资项目目录》。",
             [("001", "项目申请报告", True, 3), ("002", "选址意见书", True, 1), ("003", "用地预审意见", False, 1)]),
        item(FGW + "2000104034000", "FG-0034", 15, 7, "2", ["2"], False, "active", "5"),
        item(FGW + "2001004035000", "FG-0035", 3, 1, "1", ["1", "2"], False, "active", "1", "不属于核准目录的项目。",
             [("001", "备案信息登记表", True, 1)]),
    ],
    HRB: [
        item(HRB + "3230125011000", "0451011", 20, 8, "2", ["1", "2"], False, "active", "V1.4", "污水排放口的设置符合城镇排水规划的要求。",
             [("A01", "排水许可申请表", True, 1), ("A02", "排水水质检测报告", False, 2)]),
        item(HRB + "3232025013000", "0451013", 1, 1, "1", ["1"], False, "active", "V1.0"),
        item(HRB + "3230125014000", "0451014", 20, 5, "2", ["1", "2"], True, "suspended", "V1.1", "占用期满及时恢复原状。",
             [("A01", "占道申请表", True, 1)]),
    ],
}


def listed(authority, page, size, keyword=""):
    """A page of the list: no conditions and no materials in it."""
    every = [{k: v for k, v in i.items() if k not in ("conditions", "materials")} for i in ITEMS[authority]
             if keyword in i["name"]]
    return {"items": every[(page - 1) * size:page * size], "page": page, "size": size, "total": len(every)}


def filed(given, own, receipt, status, accepted=None, due=None):
    """The answer to a submission."""
    answer = {"caseNo": given["caseNo"], "deptCaseNo": own, "receiptNo": receipt, "itemCode": given["itemCode"],
              "itemName": NAMES[given["itemCode"]], "status": status, "applyTime": given["applyTime"]}
    if accepted:
        answer |= {"acceptTime": accepted, "promisedDueDate": due}
    return answer


def whole(given, *rest):
    """The answer to a query: what was submitted comes back."""
    return {**given, **filed(given, *rest)}


def found(cases, page, size):
    """A page of what was searched for."""
    return {"items": cases[(page - 1) * size:page * size], "page": page, "size": size, "total": len(cases)}


NOTICE = {"reason": "缺<营业执照>复印件 & 经办人签字", "materials": [{"code": "CL002", "name": "营业执照复印件"}]}


def notice(seed):
    """The correction notice of a case: a day after it was applied for, to be answered within a week."""
    day = int(seed["applyTime"][8:10])

    def at(days):
        return seed["applyTime"][:8] + f"{day + days:02d}" + seed["applyTime"][10:]
    return {**NOTICE, "deadline": at(8), "noticeTime": at(1)}


def result(unit, result_type, time, name, number, until):
    return {"resultType": result_type, "explain": "准予许可", "time": time,
            "licences": [{"name": name, "no": number, "validTo": until, "issuer": UNIT[unit]}]}


def step(unit, name, action, officer, start, end=None, opinion=None):
    facts = {"step": name, "action": action, "officer": officer, "opinion": opinion, "startTime": start, "endTime": end, "unit": UNIT[unit]}
    return {k: v for k, v in facts.items() if v}


COMPANY = {"kind": "enterprise", "name": "黑龙江省示例商贸有限公司", "idType": "uscc", "idNo": "91230100MA1B2C3D8M", "legalRep": "李四",
           "mobile": "13800005678"}
RARE = {"kind": "person", "name": "𠮷野㐂䶮", "idType": "idCard", "idNo": "11010519491231002X"}

# What 省企业信用信息平台 has, as business licences.
ENTERPRISES = {
    "91230100MA1B2C3D8M": {
        "name": "营业执照", "number": "91230100MA1B2C3D8M",
        "holder": {"name": "黑龙江省示例商贸有限公司", "code": "91230100MA1B2C3D8M", "codeType": "uscc"}, "issuer": "黑龙江省市场监督管理局",
        "issueDate": "2008-10-11", "validFrom": "2008-10-11", "status": "valid"},
    "91230100MA1B2C4E2R": {
        "name": "营业执照", "number": "91230100MA1B2C4E2R",
        "holder": {"name": "示例投资有限公司", "code": "91230100MA1B2C4E2R", "codeType": "uscc"}, "issuer": "黑龙江省市场监督管理局",
        "issueDate": "1999-09-30", "validFrom": "1999-09-30", "validTo": "2019-09-29", "status": "revoked"},
}

# What 省电子证照库 keeps.
LICENCES = [
    {"id": "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.S", "typeCode": "11100000000013338W001",
     "name": "食品经营许可证", "number": "JY12301000000016",
     "holder": {"name": "黑龙江省示例商贸有限公司", "code": "91230100MA1B2C3D8M", "codeType": "uscc"}, "issuer": "黑龙江省市场监督管理局",
     "issueDate": "2023-11-24", "validTo": "2028-11-23", "status": "valid"},
    {"id": "1.2.156.3005.2.11100000000013338W002.11230000MB1A0001XM.20261010000003.001.3", "typeCode": "11100000000013338W002",
     "name": "药品经营许可证", "number": "DB4510000003",
     "holder": {"name": "𠮷野㐂䶮", "code": "11010519491231002X", "codeType": "idCard"}, "issuer": "黑龙江省市场监督管理局",
     "issueDate": "2026-10-10", "status": "valid"},
    {"id": "1.2.156.3005.2.11100000000013338W001.11230000MB1A00028M.20261010000009.001.C", "typeCode": "11100000000013338W001",
     "name": "企业投资项目核准文件", "number": "HZ2026-0009",
     "holder": {"name": "黑龙江省示例商贸有限公司", "code": "91230100MA1B2C3D8M", "codeType": "uscc"}, "issuer": "黑龙江省发展和改革委员会",
     "issueDate": "2026-10-10", "validTo": "2026-11-10", "status": "cancelled"},
]


def licence_file(licence):
    """The document of a licence, in Base64 with a line end after 76 characters."""
    text = "%PDF-1.4\n% " + licence["id"] + "\n" + "1 0 obj << /Type /Catalog >> endobj\n" * 8 + "%%EOF\n"
    coded = base64.b64encode(text.encode()).decode()
    return "\n".join(coded[i:i + 76] for i in range(0, len(coded), 76))


# The cases that are there from the start, as they were applied for.
SEEDS = {
    "scjg-company": {
        "caseNo": SCJG + "2000125005000202611020001", "itemCode": SCJG + "2000125005000", "applicant": COMPANY, "region": "230100",
        "channel": "web", "applyTime": "2026-11-02T09:15:00+08:00",
        "materials": [{"code": "CL001", "name": "食品经营许可申请书"}, {"code": "CL002", "name": "营业执照复印件"}]},
    "scjg-rare": {
        "caseNo": SCJG + "2000125005000202611030002", "itemCode": SCJG + "2000125005000", "applicant": {**RARE, "mobile": "13900001234"},
        "region": "230602001003", "channel": "mobile", "applyTime": "2026-11-03T10:00:00+08:00",
        "materials": [{"code": "CL001", "name": "食品经营许可申请书"}]},
    "scjg-person": {
        "caseNo": SCJG + "2000125006000202610090001", "itemCode": SCJG + "2000125006000", "summary": "张三零售药店",
        "applicant": {"kind": "person", "name": "张三", "idType": "idCard", "idNo": "230100199001010016"}, "region": "230000",
        "channel": "window", "applyTime": "2026-10-09T14:30:05+08:00"},
    "fgw-company": {
        "caseNo": FGW + "2000104033000202611020001", "itemCode": FGW + "2000104033000", "summary": "示例粮食仓储物流园项目",
        "applicant": COMPANY, "agent": {"name": "王五", "idNo": "230602197511303338", "mobile": "13700004321"}, "region": "230100",
        "channel": "web", "applyTime": "2026-11-02T09:15:00+08:00", "form": {"investment": 120000, "landArea": "08.50"},
        "materials": [{"code": "001", "name": "项目申请报告"}]},
    "fgw-rare": {
        "caseNo": FGW + "2001004035000202611030002", "itemCode": FGW + "2001004035000", "summary": "𠮷野民宿备案", "applicant": RARE,
        "region": "230602", "channel": "mobile", "applyTime": "2026-11-03T10:00:00+08:00"},
    "fgw-correction": {
        "caseNo": FGW + "2000104033000202610150003", "itemCode": FGW + "2000104033000", "summary": "示例粮食仓储物流园项目",
        "applicant": COMPANY, "region": "230100", "applyTime": "2026-10-15T08:00:00+08:00"},
    "zjt-done": {
        "caseNo": ZJT + "2000117031000202610090001", "itemCode": ZJT + "2000117031000",
        "applicant": {k: v for k, v in COMPANY.items() if k not in ("kind", "legalRep")}, "region": "230100",
        "applyTime": "2026-10-09T14:30:05+08:00"},
    "zjt-rare": {
        "caseNo": ZJT + "2000117031000202611030002", "itemCode": ZJT + "2000117031000",
        "applicant": {"name": "𠮷野㐂䶮", "idType": "idCard", "idNo": "11010519491231002X", "mobile": "13900001234"}, "region": "230602",
        "applyTime": "2026-11-03T10:00:00+08:00"},
    "zjt-company": {
        "caseNo": ZJT + "2000117031000202611020001", "itemCode": ZJT + "2000117031000",
        "applicant": {k: v for k, v in COMPANY.items() if k not in ("kind", "legalRep")}, "region": "230100",
        "applyTime": "2026-11-02T09:15:00+08:00"},
    "hrb-done": {
        "caseNo": HRB + "3230125011000202610090003", "itemCode": HRB + "3230125011000", "summary": "李四餐饮店排水许可",
        "applicant": {"kind": "person", "name": "李四", "idType": "idCard", "idNo": "230183198506150029", "mobile": "13600009999"},
        "region": "230102", "applyTime": "2026-10-09T14:30:05+08:00"},
    "hrb-person": {
        "caseNo": HRB + "3230125011000202611020001", "itemCode": HRB + "3230125011000", "summary": "李四餐饮店排水许可",
        "applicant": {"kind": "person", "name": "李四", "idType": "idCard", "idNo": "230183198506150029", "mobile": "13600009999",
                      "address": "哈尔滨市示例区示例街1号"},
        "region": "230102", "channel": "window", "applyTime": "2026-11-02T09:15:00+08:00", "form": {"排水量": "008", "单位": "吨/日"},
        "materials": [{"code": "A01", "name": "排水许可申请表"}]},
    "hrb-rare": {
        "caseNo": HRB + "3230125011000202611030002", "itemCode": HRB + "3230125011000", "applicant": {**RARE, "mobile": "13900001234"},
        "agent": {"name": "王五", "idNo": "230602197511303338", "mobile": "13700004321"}, "region": "230103001001", "channel": "mobile",
        "applyTime": "2026-11-03T10:00:00+08:00"},
}


def application(authority, item_code, serial, applicant, **more):
    """A new case as the portal posts it, at the moment of the recordings."""
    return {"caseNo": authority + item_code + "20261124" + serial, "itemCode": authority + item_code, "itemName": NAMES[authority + item_code],
            "applicant": applicant, "region": "230102", "channel": "web", "applyTime": "2026-11-24T10:00:00+08:00", **more}
