-- The mapping of Benchmarks/gateway/mapping.yaml by hand: 20 fields renamed, dates and code tables. `json` decodes and encodes.
local status = { ["10"] = "submitted", ["20"] = "preReviewing", ["21"] = "prePassed", ["22"] = "preRejected", ["30"] = "accepted",
   ["31"] = "notAccepted", ["40"] = "processing", ["41"] = "correctionRequested", ["42"] = "corrected", ["43"] = "suspended",
   ["90"] = "completed", ["91"] = "collected", ["99"] = "withdrawn" }
local idType = { ID_CARD = "idCard", PASSPORT = "passport", USCC = "uscc", OTHER = "other" }
local kind = { ["1"] = "person", ["2"] = "enterprise", ["3"] = "institution", ["4"] = "socialOrganisation", ["5"] = "government", ["6"] = "other" }
local channel = { ["1"] = "window", ["2"] = "web", ["3"] = "mobile", ["4"] = "express", ["9"] = "other" }

local function coded(codes, value)
   if value == nil then return nil end
   return codes[tostring(value)] or error("a code that the table lacks")
end

-- 2026-11-02 09:15:00 becomes 2026-11-02T09:15:00+08:00.
local function time(text)
   if text == nil then return nil end
   local day, clock = text:match("^(%d%d%d%d%-%d%d%-%d%d) (%d%d:%d%d:%d%d)$")
   return day .. "T" .. clock .. "+08:00"
end

local function milliseconds(number)
   if number == nil then return nil end
   return os.date("!%Y-%m-%dT%H:%M:%S+08:00", number / 1000 + 8 * 3600)
end

local function materials(attachs)
   if attachs == nil or #attachs == 0 then return nil end
   local list = {}
   for i = 1, #attachs do
      local attach = attachs[i]
      list[i] = { code = attach.code, name = attach.name }
   end
   return list
end

return function(json)
   return function(text)
      local reply = json.decode(text)
      if reply.status.code ~= 200 or reply.custom.code ~= 1 then return '{"code":"UPSTREAM_REJECTED"}' end
      local project = reply.custom.project
      local agent = project.agent
      return json.encode({
         caseNo = project.flowsn, deptCaseNo = project.projectcode, receiptNo = project.receiptno, itemCode = project.itemcode,
         itemName = project.itemname, summary = project.projectname,
         applicant = {
            kind = coded(kind, project.applytype), name = project.applyname, idType = coded(idType, project.certtype),
            idNo = project.certno, legalRep = project.legalman, mobile = project.mobile, address = project.address },
         agent = agent and { name = agent.name, idNo = agent.certno, mobile = agent.mobile },
         region = project.regioncode, channel = coded(channel, project.channel), applyTime = time(project.applytime),
         acceptTime = milliseconds(project.accepttime), status = coded(status, project.state),
         promisedDueDate = project.promisedate, form = project.forminfo, materials = materials(project.attachs),
         parentNo = project.parentsn })
   end
end
