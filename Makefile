# make run    installs what is missing, builds, starts the mock departments and the gateway
# make test   installs what is missing, runs every test
# make lint   the formatter's rules
# make bench  the gateway beside nginx, HAProxy, Envoy, Traefik and Caddy, in one run (docs/performance.md); ONLY=mapping for one scenario
# make guard  instructions per exchange, held to Benchmarks/guard.json
# make profile  writes down anew what runs often, for the compiler (docs/decisions/profile.md); half an hour

.PHONY: run test lint bench guard profile setup

run: setup
	@scripts/run

test: setup
	swift test --parallel

lint:
	swift format lint --strict --recursive Package.swift Sources Mocks Tests

# GATEWAY (and for bench GATEWAYCTL) names another binary than the one that would be built.
bench: setup
	@Benchmarks/setup
	@[ -n "$$GATEWAY" ] || scripts/build gateway
	@[ -n "$$GATEWAYCTL" ] || scripts/build gatewayctl
	@Benchmarks/run

guard: setup
	@Benchmarks/setup guard
	@[ -n "$$GATEWAY" ] || scripts/build gateway
	@Benchmarks/guard

profile: setup
	@Benchmarks/setup
	@Benchmarks/profile

setup:
	@scripts/setup
