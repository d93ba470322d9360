# make run    installs what is missing, builds, starts the mock departments and the gateway
# make test   installs what is missing, runs every test
# make lint   the formatter's rules
# make bench  the gateway beside nginx, HAProxy, Envoy, Traefik and Caddy, in one run (docs/performance.md); ONLY=mapping for one scenario
# make guard  instructions per exchange, held to Benchmarks/guard.json

# As scripts/run builds it, so that what is measured is what runs.
BUILD = swift build -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked

.PHONY: run test lint bench guard setup

run: setup
	@scripts/run

test: setup
	swift test --parallel

lint:
	swift format lint --strict --recursive Package.swift Sources Mocks Tests

# GATEWAY (and for bench GATEWAYCTL) names another binary than the one that would be built.
bench: setup
	@Benchmarks/setup
	@[ -n "$$GATEWAY" ] || $(BUILD) --product gateway
	@[ -n "$$GATEWAYCTL" ] || $(BUILD) --product gatewayctl
	@Benchmarks/run

guard: setup
	@Benchmarks/setup guard
	@[ -n "$$GATEWAY" ] || $(BUILD) --product gateway
	@Benchmarks/guard

setup:
	@scripts/setup
