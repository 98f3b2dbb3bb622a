# Everything works on a fresh clone with Python 3.11, pip and make; the first target sets up .venv.
PYTHON ?= python3
KILLS ?= 30
SECONDS ?= 60
PORT ?= 12345

.DEFAULT_GOAL := help
.PHONY: help setup run test check crash fuzz bench bench-full clean

help:  ## Say what there is to make
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## *(.*)/  make \1\t\2/' | expand -t 16

setup:
	@$(PYTHON) -m bidroom.bootstrap --dev

run:  ## A sale with five bots, shown live, to its end (PORT=12345)
	@$(PYTHON) -m bidroom demo --port $(PORT)

test: setup  ## All tests
	@.venv/bin/python -m pytest

check: setup  ## Lint, format, types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/basedpyright

crash: setup  ## Kill a loaded server again and again (KILLS=1000)
	@.venv/bin/python -m tests.crash.kill --kills $(KILLS)

fuzz: setup  ## Random bytes at the wire for a while (SECONDS=600)
	@.venv/bin/python -m tests.fuzz --seconds $(SECONDS)

bench: setup  ## Side by side with its peers, a short form (15 minutes)
	@.venv/bin/python -m benchmarks

bench-full: setup  ## All of it, as published figures are made
	@.venv/bin/python -m benchmarks --full

clean:  ## Remove what was set up or left over; journals stay
	rm -rf .venv .pytest_cache .hypothesis .ruff_cache benchmarks/.cache tests/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
