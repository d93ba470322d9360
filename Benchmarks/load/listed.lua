-- The requests of a list, one after another: each line of BENCH_LIST is a path, perhaps followed by a tab and a header field.
dofile(os.getenv("BENCH_LOAD") .. "/report.lua")

local requests, at = {}, 0

function init(arguments)
   for line in io.lines(os.getenv("BENCH_LIST")) do
      local path, name, value = line:match("^([^\t]+)\t([^:]+): (.+)$")
      if not path then path = line end
      requests[#requests + 1] = wrk.format("GET", path, name and { Host = wrk.headers.Host, [name] = value } or nil)
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end
