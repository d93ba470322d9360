-- Collects a reply's chunks; the last one is answered by what the mapping makes of all.
local parts = ngx.ctx.parts
if not parts then
   parts = {}
   ngx.ctx.parts = parts
end
parts[#parts + 1] = ngx.arg[1]
if ngx.arg[2] then
   ngx.arg[1] = map(table.concat(parts))
else
   ngx.arg[1] = nil
end
