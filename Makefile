# make run    installs what is missing, builds, starts the mock departments and the gateway
# make test   installs what is missing, runs every test
# make lint   the formatter's rules
# make bench  pass-through beside nginx, in one run

.PHONY: run test lint bench setup

run: setup
	@scripts/run

test: setup
	swift test --parallel

lint:
	swift format lint --strict --recursive Package.swift Sources Mocks Tests

bench: setup
	Benchmarks/run

setup:
	@scripts/setup
