import GatewayCore

extension MetricsPage {
    /// What goes on at the upstreams. One that has not been asked yet is not on the page, so its size follows the traffic.
    mutating func upstreams(_ all: [(name: String, figures: UpstreamFigures)]) {
        let asked = all.filter { $0.figures.counts != UpstreamLoad.Counts() }
            .map { (label: "upstream=\"\(MetricsPage.escaped($0.name))\"", figures: $0.figures) }
        family("tongban_upstream_calls", "gauge", "Calls that are out at an upstream.")
        for (label, figures) in asked { sample("tongban_upstream_calls", label, value: String(figures.inFlight)) }
        family("tongban_upstream_waiting", "gauge", "Calls that wait for room at an upstream.")
        for (label, figures) in asked {
            for (priority, count) in zip(CallPriority.allCases, figures.waiting) {
                sample("tongban_upstream_waiting", "\(label),priority=\"\(priority.name)\"", value: String(count))
            }
        }
        family("tongban_upstream_calls_total", "counter", "Calls that were let through to an upstream.")
        for (label, figures) in asked { sample("tongban_upstream_calls_total", label, value: String(figures.counts.calls)) }
        family("tongban_upstream_waited_total", "counter", "Calls that had to wait for room at an upstream.")
        for (label, figures) in asked { sample("tongban_upstream_waited_total", label, value: String(figures.counts.waited)) }
        family("tongban_upstream_refused_total", "counter", "Calls that were not let through to an upstream, by reason.")
        for (label, figures) in asked {
            for (reason, count) in zip(UpstreamRefusal.Reason.allCases, figures.counts.refused) {
                sample("tongban_upstream_refused_total", "\(label),reason=\"\(reason.rawValue)\"", value: String(count))
            }
        }
        family("tongban_upstream_retries_total", "counter", "Calls that were made again, or would have been but for the budget.")
        for (label, figures) in asked {
            sample("tongban_upstream_retries_total", "\(label),result=\"made\"", value: String(figures.counts.retries))
            sample("tongban_upstream_retries_total", "\(label),result=\"spared\"", value: String(figures.counts.retriesSpared))
        }
        family("tongban_upstream_breaker_opened_total", "counter", "How often a breaker of an upstream's endpoints opened.")
        for (label, figures) in asked { sample("tongban_upstream_breaker_opened_total", label, value: String(figures.counts.openings)) }
        family("tongban_upstream_endpoints", "gauge", "Endpoints of an upstream by the state they are in.")
        for (label, figures) in asked {
            for state in UpstreamFigures.EndpointState.allCases {
                let count = figures.endpoints.count { $0.state == state }
                sample("tongban_upstream_endpoints", "\(label),state=\"\(state.rawValue)\"", value: String(count))
            }
        }
    }
}
