-- What wrk found, in one line: requests, microseconds, errors of the connection, other statuses, and percentiles of the latency.
function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format("BENCH %d %d %d %d %d %d %d\n", summary.requests, summary.duration,
      errors.connect + errors.read + errors.write + errors.timeout, errors.status,
      latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
