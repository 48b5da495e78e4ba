# Everything a developer runs. Only Go is needed, but for the targets that say otherwise.

GO      ?= go
TOOL    := $(GO) tool -modfile=tools/go.mod
SHARED  ?= ../shared
export CGO_ENABLED = 0

.PHONY: build run test test-race test-engines test-browser check fmt lint golden fuzz bench bench-way bench-sketch bench-peers bench-engines coverage console vulncheck clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 16

build: ## the program, ./sluice
	$(GO) build -trimpath -o sluice ./cmd/sluice

run: build ## on this machine, with an invented office network to look at
	./sluice demo

test: ## everything that needs only Go; test/e2e takes minutes of it
	$(GO) test -timeout 20m $(TESTFLAGS) ./...

test-race: ## the same under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short ./...

test-engines: ## the end-to-end suite on real Kafka and Elasticsearch (needs Java 17 and Maven)
	test/engines/run.sh

test-browser: build ## the console in a real browser (needs Node and Chromium)
	test/browser/run.sh

check: lint test ## what a commit must pass

lint: ## gofumpt, vet, staticcheck
	@test -z "$$($(TOOL) gofumpt -l . | tee /dev/stderr)" || { echo "run: make fmt"; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...

fmt: ## format everything
	$(TOOL) gofumpt -w .

golden: ## rewrite the expected documents of packs and README's table of sources; read the diff
	$(GO) test ./normalize -run 'TestPacks|TestReadmeSources' -update

fuzz: ## each fuzz target for 20 s
	@for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 20s -fuzzminimizetime 10x $$pkg || exit 1; \
		done; done

bench: ## every benchmark, benchstat-able; docs/performance.md quotes it
	$(GO) test -run '^$$' -bench . -benchmem ./...

bench-way: build ## the whole way: a sender over TCP, 3 minutes, counted in the index by id
	$(GO) run ./test/way -sluice ./sluice -lines $(SHARED)/corpus/bench/mix.log.gz

bench-sketch: build ## normalizing against the reference engine in SHARED, in turns on the same lines
	$(GO) run ./test/compare -sluice ./sluice -shared $(SHARED)

bench-peers: build ## SigmaHQ's rules beside rsigma, on the same events (needs cargo and SHARED)
	@command -v cargo >/dev/null || { echo "no cargo here: nothing to compare with"; exit 1; }
	@test -x .cache/rsigma/bin/rsigma || cargo install rsigma --version 0.23.0 --locked --root .cache/rsigma
	$(GO) run ./test/peers -sluice ./sluice -shared $(SHARED)

bench-engines: ## the bus on a real Kafka (needs Java 17 and Maven)
	test/engines/run.sh -run '^$$' -bench Hop -benchmem

coverage: build ## scores over the corpus; fails when one falls by more than 0.5
	$(GO) run ./test/coverage -sluice ./sluice -shared $(SHARED)

console: ## rebuild the console's files (needs Node)
	cd console/web && npm ci && npm run build

vulncheck: ## known vulnerabilities of what we use (needs the internet)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

clean:
	rm -rf sluice sluice-demo .cache
