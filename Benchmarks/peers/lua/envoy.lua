-- Envoy's Lua filter: the reply's body becomes what the mapping makes of it.
local map = require("mapping")(require("json"))

function envoy_on_response(handle)
   local body = handle:body()
   local length = body:setBytes(map(body:getBytes(0, body:length())))
   handle:headers():replace("content-length", length)
end
