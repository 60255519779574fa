# Each target is a task of lab/fabfile.py; make alone lists them.
PYTHON ?= python3
SEAT ?=
ARGS ?=
YES ?=
ONLY ?=
JSON ?=
SEATS ?=
FROM ?=
FAB = @.venv/bin/fab -r lab

.PHONY: help lab shell status check grade down clean test lint local engine images no-python
.SUFFIXES:
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
lab: .venv/.complete ## bring the lab up: a chat server and three seats
	$(FAB) lab
shell: .venv/.complete ## enter a seat: make shell SEAT=client1
	$(FAB) shell --seat "$(SEAT)"
status: .venv/.complete ## what runs, since when, with what memory (JSON=1 for programs)
	$(FAB) status $(if $(JSON),--as-json)
check: .venv/.complete ## check the running lab, and every demo's promised states (ONLY=chat)
	$(FAB) check --only "$(ONLY)"
grade: .venv/.complete ## grade the exercises in all seats (SEATS=client1,client2 ONLY=zombie FROM=reports)
	$(FAB) grade --seats "$(SEATS)" --only "$(ONLY)" --evidence "$(FROM)"
down: .venv/.complete ## stop the lab; the students' work is kept
	$(FAB) down
clean: .venv/.complete ## remove all that the lab has made, students' work too; asks first (YES=1)
	$(FAB) clean $(if $(YES),--yes)
test: .venv/.complete ## run the project's tests (ARGS="-k chat")
	$(FAB) test --args "$(ARGS)"
lint: .venv/.complete ## check style and types
	$(FAB) lint
local: ## the same lab in one shell, without an engine: Python is all it needs
	@$(PYTHON) -m lab.seats.local
engine: .venv/.complete ## only the engine: install it, if need be, and start it
	$(FAB) engine
images: .venv/.complete ## only the images
	$(FAB) images

# A .venv whose Python has gone from the system is no .venv.
.venv/.complete: requirements.lock $(if $(wildcard .venv/bin/python),,no-python)
	@$(PYTHON) -m lab.seats.venv

.DEFAULT:
	@echo "forklab: there is no target '$@'; make lists them" >&2; exit 2
