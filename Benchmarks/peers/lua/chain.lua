-- Who is it, and is it too much? A window of one second for each caller, as lua-resty-limit-traffic's `count` keeps it.
local caller = callers[ngx.var.http_x_api_key or ""]
if not caller then return ngx.exit(401) end
local count, problem = ngx.shared.limits:incr(caller, 1, 0, 1)
if not count or count > 1000000 then return ngx.exit(429) end
ngx.var.caller = caller
