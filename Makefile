# Each target is a task of lab/fabfile.py; make alone lists them.
PYTHON ?= python3
SEAT ?=
ROSTER ?=
ARGS ?=
YES ?=
ALL ?=
FILE ?=
TO ?=
SNAPSHOT ?=
CMD ?=
TEXT ?=
SEATS ?=
SECONDS ?= 60
GATE ?=
KEY ?=
ONLY ?=
JSON ?=
FROM ?=
FAB = @.venv/bin/fab -r lab
# As it was typed: neither make nor the shell looks into it.
typed = '$(subst ','\'',$(value $(1)))'
VISIT = --seats "$(SEATS)" --gate "$(GATE)" --key "$(KEY)" --roster "$(ROSTER)" $(if $(JSON),--as-json)
CHOSEN = --seat "$(SEAT)" $(if $(ALL),--everyone) $(if $(YES),--yes)

.PHONY: help lab shell status transcript check grade drill down clean test lint local engine images no-python \
	snapshot snapshots restart reset factory undo export import run put get say
.SUFFIXES:
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
lab: .venv/.complete ## bring the lab up: three seats, or a class's (ROSTER=class.csv)
	$(FAB) lab --roster "$(ROSTER)"
shell: .venv/.complete ## enter a seat: make shell SEAT=client1
	$(FAB) shell --seat "$(SEAT)"
status: .venv/.complete ## who is up, logged in, at work since when (JSON=1 for programs)
	$(FAB) status $(if $(JSON),--as-json)
transcript: .venv/.complete ## who said what in the chat, as JSON lines (SEAT=client1)
	$(FAB) transcript --seat "$(SEAT)"
check: .venv/.complete ## check the running lab, and every demo's promised states (ONLY=chat)
	$(FAB) check --only "$(ONLY)"
grade: .venv/.complete ## grade the exercises in all seats (SEATS=client1,client2 ONLY=zombie FROM=reports)
	$(FAB) grade --seats "$(SEATS)" --only "$(ONLY)" --evidence "$(FROM)"
drill: .venv/.complete ## live, until Ctrl-C: does a fork bomb in one seat slow the others down? (JSON=1)
	$(FAB) drill $(if $(JSON),--as-json)
down: .venv/.complete ## stop the lab; the students' work is kept
	$(FAB) down
clean: .venv/.complete ## remove all that the lab has made, students' work too; asks first (YES=1)
	$(FAB) clean $(if $(YES),--yes)
snapshot: .venv/.complete ## keep the homes as they are now (SEAT=client1 for one)
	$(FAB) snapshot --seat "$(SEAT)"
snapshots: .venv/.complete ## list the snapshots
	$(FAB) snapshots --seat "$(SEAT)" $(if $(JSON),--as-json)
restart: .venv/.complete ## end a seat's processes, start it again: SEAT=client1, or ALL=1
	$(FAB) restart $(CHOSEN)
reset: .venv/.complete ## make a seat's container anew; the home stays
	$(FAB) reset $(CHOSEN)
factory: .venv/.complete ## make a seat's home anew too; undo brings it back
	$(FAB) factory $(CHOSEN)
undo: .venv/.complete ## put a seat's newest snapshot back, or SNAPSHOT=…; again takes that back
	$(FAB) undo --seat "$(SEAT)" $(if $(ALL),--everyone) --snapshot "$(SNAPSHOT)"
export: .venv/.complete ## write the class's work to one archive (FILE=class.tar.gz)
	$(FAB) export --file "$(FILE)"
import: .venv/.complete ## put an archive's homes into the seats of the same login: FILE=…
	$(FAB) import --file "$(FILE)"
run: .venv/.complete ## run a command in all seats at once: CMD='ps -ef' (SEATS=client1,client2)
	$(FAB) run --cmd $(call typed,CMD) --seconds "$(SECONDS)" $(VISIT)
put: .venv/.complete ## copy a file into all homes: FILE=task.py (TO=folder)
	$(FAB) put --file $(call typed,FILE) --to $(call typed,TO) $(VISIT)
get: .venv/.complete ## copy a file out of all homes, a folder a seat: FILE=task.py (TO=collected)
	$(FAB) get --file $(call typed,FILE) --to $(call typed,TO) $(VISIT)
say: .venv/.complete ## a message to everyone in the chat: TEXT='...'
	$(FAB) say --text $(call typed,TEXT)
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
