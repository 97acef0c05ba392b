# usher: make demo, make test. `make help` lists the rest.

GO      ?= go
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)

FUZZTIME    ?= 30s
BENCHTIME   ?= 1500ms
CHAOSTIME   ?= 10m
SOAKTIME    ?= 30m
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The race detector wants a C compiler; without one the tests run without it, and say so.
RACE := $(if $(shell command -v gcc || command -v clang),-race)

.PHONY: help build test rules check golden model vectors mail-is-there eval fuzz bench microbench interop chaos soak demo install uninstall clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## one static binary, bin/usher
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/usher ./cmd/usher

demo: build ## mail through a real usher on loopback, in under a minute; leaves nothing behind
	@bin/usher demo

test: ## every test, with the race detector where there is a C compiler
	@$(if $(RACE),,echo "no C compiler: the tests run without the race detector";) true
	$(if $(RACE),CGO_ENABLED=1) $(GO) test $(RACE) ./...

rules: ## each rule of the wire, its tests, and whether they pass
	$(GO) test -count 1 -run TestEveryRuleHasATest -v ./smtpd -rules

check: ## gofmt, vet, staticcheck and the laws
	@unformatted=$$(gofmt -l cmd smtpd classify rules corpus); test -z "$$unformatted" || { echo "gofmt wants to change:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags interop ./cmd/usher
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod verify
	$(GO) test -run 'Law' ./cmd/usher

golden: ## rewrite the golden files; review the diff
	$(GO) test ./classify/mail ./classify ./rules/intents ./rules ./cmd/usher ./cmd/usher/person ./cmd/usher/setup -update

MAIL   ?= ../shared/corpora/mail-dev.tar.gz
GRADED ?= ../shared/corpora/relevance-dev.tar.gz
TRICKY := classify/testdata/tricky/tune.jsonl classify/testdata/tricky/held.jsonl

model: mail-is-there ## learn the model that ships anew, from MAIL and the written mail; review its card
	$(GO) run ./cmd/usher train --out classify/model/learned.txt --card classify/model/card.md $(MAIL) classify/testdata

vectors: ## learn the table of word vectors anew (npm, node, some 20 minutes and 2 GB in WORK); review its tests
	@test -n "$(WORK)" || { echo "name a folder to work in: make vectors WORK=FOLDER"; exit 1; }
	$(GO) run ./corpus/train/vectors -work $(WORK) -out classify/vectors/table.bin

mail-is-there:
	@test -e $(MAIL) || { echo "$(MAIL) is not here: give labelled mail as MAIL=PATH, or try usher train --spamassassin"; exit 1; }

eval: mail-is-there ## judge each archive of MAIL by a model trained without it; hold wants against GRADED pairs and tricky ones (classify/match/card.md)
	$(GO) run ./cmd/usher eval categories --leave-out $(MAIL) classify/testdata
	$(GO) run ./cmd/usher eval relevance $(if $(wildcard $(GRADED)),--card classify/match/card.md $(GRADED)) $(TRICKY)

fuzz: ## FUZZTIME (30s, or a count as 3000x) of each fuzz target
	@set -e; for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg; \
	  done; done

bench: ## what usher costs on the wire, beside bare go-smtp, and CPU by stage; BENCHTIME (1.5s) a measurement
	$(GO) run ./cmd/wirebench -time $(BENCHTIME)

microbench: ## benchmarks of the parts, with allocations
	$(GO) test -run '^$$' -bench . -benchmem ./...

interop: ## a real chain: Postfix, usher, Dovecot (private instances on loopback)
	$(GO) test -tags interop -run Interop -count 1 -timeout 15m -v ./cmd/usher

chaos: build ## CHAOSTIME (10m) of load while usher and its neighbours are killed, full and broken; counts what arrives
	$(GO) run ./cmd/chaos -time $(CHAOSTIME)

soak: build ## SOAKTIME (30m) of load with a faulty next hop and a drain every minute; memory must stay flat
	$(GO) run ./cmd/chaos -soak -time $(SOAKTIME)

install: build ## the binary, a systemd unit, the user usher, its folders
	install -D -m 0755 bin/usher $(DESTDIR)$(PREFIX)/bin/usher
	install -d $(DESTDIR)/etc/systemd/system
	sed 's,@PREFIX@,$(PREFIX),g' cmd/usher/systemd/usher.service > $(DESTDIR)/etc/systemd/system/usher.service
	chmod 0644 $(DESTDIR)/etc/systemd/system/usher.service
	install -d -m 0755 $(DESTDIR)/etc/usher
	test -e $(DESTDIR)/etc/usher/usher.toml || install -m 0644 cmd/usher/systemd/usher.toml $(DESTDIR)/etc/usher/usher.toml
	@if [ -z "$(DESTDIR)" ]; then \
	  getent passwd usher >/dev/null || useradd --system --home-dir /var/lib/usher --no-create-home --shell /usr/sbin/nologin usher; \
	  install -d -m 0700 -o usher -g usher /var/lib/usher; \
	  if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi; \
	  echo "usher is installed. Next: edit /etc/usher/usher.toml, usher check-config, systemctl enable --now usher"; \
	fi

uninstall: ## take away what install put there; decisions, keys and settings stay
	@if [ -z "$(DESTDIR)" ] && [ -d /run/systemd/system ]; then systemctl disable --now usher || true; fi
	rm -f $(DESTDIR)$(PREFIX)/bin/usher $(DESTDIR)/etc/systemd/system/usher.service
	@echo "kept: /etc/usher and /var/lib/usher (settings, intents, keys, decisions) and the user usher"

clean: ## what make made
	rm -rf bin
	$(GO) clean -testcache
