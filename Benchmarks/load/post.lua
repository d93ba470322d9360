-- POST of 1 KB of JSON.
dofile(os.getenv("BENCH_LOAD") .. "/report.lua")
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"data":"' .. string.rep("x", 1013) .. '"}'
