# Each target is a task of lab/fabfile/; make alone lists them.
PYTHON ?= python3
SEAT ?=
ROSTER ?=
HOSTS ?=
ROOM ?=
HOST ?=
LOST ?=
EVERY ?=
PACKAGES ?=
ARGS ?=
YES ?=
NAME ?=
ALL ?=
FILE ?=
TO ?=
SNAPSHOT ?=
CMD ?=
TEXT ?=
SEATS ?=
SECONDS ?= 60
MINUTES ?= 5
GATE ?=
KEY ?=
ONLY ?=
JSON ?=
FROM ?=
BUNDLE ?=
# What make itself says: English needs no Python yet, any other language is asked for its words.
ENGLISH = $(filter en% C% POSIX%,$(or $(LANGUAGE),$(LC_ALL),$(LC_MESSAGES),$(LANG),C))
SAY = $(if $(ENGLISH),false,$(PYTHON) -s -m lab.host.targets)
# The folder's own `lab`, whatever else is installed; and nothing of what a person has told their own Python.
FAB = @.venv/bin/python -m fabric -r lab
unexport $(filter PYTHON%,$(filter-out PYTHON,$(.VARIABLES)))
# An option and its value as it was typed: neither make nor the shell looks into it.
typed = --$(1) '$(subst ','\'',$(value $(2)))'
VISIT = $(call typed,seats,SEATS) $(call typed,gate,GATE) $(call typed,key,KEY) $(call typed,roster,ROSTER) $(if $(JSON),--as-json)
CHOSEN = $(call typed,seat,SEAT) $(if $(ALL),--everyone) $(if $(YES),--yes)

.PHONY: help lab shell status board links transcript check grade drill down clean move test lint soak language local engine images bundle \
	no-python snapshot snapshots restart reset factory undo export import run put get say
.SUFFIXES:
.DEFAULT_GOAL := help

help: ## list the targets
	@$(SAY) 2>/dev/null || awk -F ':.*## ' '/^[a-z]+:.* ## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
lab: .venv/.complete ## bring the lab up (ROSTER=class.csv HOSTS=hosts.toml; or none)
	$(FAB) lab $(call typed,roster,ROSTER) $(call typed,packages,PACKAGES) $(call typed,hosts,HOSTS)
shell: .venv/.complete ## enter a seat: make shell SEAT=client1
	$(FAB) shell $(call typed,seat,SEAT)
status: .venv/.complete ## who is up, logged in, at work since when (JSON=1 for programs)
	$(FAB) status $(if $(JSON),--as-json)
board: .venv/.complete ## where the board is: the whole class at work, in a browser
	$(FAB) board
links: .venv/.complete ## each seat's link, to print: .lab/links.html (SEAT=x: anew)
	$(FAB) links $(call typed,seat,SEAT)
transcript: .venv/.complete ## who said what in the chat, as JSON lines (SEAT=client1)
	$(FAB) transcript $(call typed,seat,SEAT)
check: .venv/.complete ## check the running lab and all demos (ONLY=chat)
	$(FAB) check $(call typed,only,ONLY)
grade: .venv/.complete ## grade the exercises (SEATS=a,b ONLY=zombie FROM=reports)
	$(FAB) grade $(call typed,seats,SEATS) $(call typed,only,ONLY) $(call typed,evidence,FROM)
drill: .venv/.complete ## live: does a fork bomb in one seat slow the others? (JSON=1)
	$(FAB) drill $(if $(JSON),--as-json)
down: .venv/.complete ## stop the lab; the students' work is kept
	$(FAB) down
clean: .venv/.complete ## remove all, students' work too; asks first (YES=1)
	$(FAB) clean $(if $(YES),--yes)
move: .venv/.complete ## move a room to another host: ROOM=north HOST=south (LOST=1)
	$(FAB) move $(call typed,room,ROOM) $(call typed,host,HOST) $(if $(LOST),--lost)
snapshot: .venv/.complete ## keep the homes as they are now (SEAT=client1; EVERY=15)
	$(FAB) snapshot $(call typed,seat,SEAT) $(call typed,every,EVERY)
snapshots: .venv/.complete ## list the snapshots
	$(FAB) snapshots $(call typed,seat,SEAT) $(if $(JSON),--as-json)
restart: .venv/.complete ## end a seat's processes, start it again: SEAT=client1, or ALL=1
	$(FAB) restart $(CHOSEN)
reset: .venv/.complete ## make a seat's container anew; the home stays
	$(FAB) reset $(CHOSEN)
factory: .venv/.complete ## make a seat's home anew too; undo brings it back
	$(FAB) factory $(CHOSEN)
undo: .venv/.complete ## put a snapshot back, the newest or SNAPSHOT=…; again: redo
	$(FAB) undo $(call typed,seat,SEAT) $(if $(ALL),--everyone) $(call typed,snapshot,SNAPSHOT)
export: .venv/.complete ## write the class's work to one archive (FILE=class.tar.gz)
	$(FAB) export $(call typed,file,FILE)
import: .venv/.complete ## put an archive's homes into the seats of those names: FILE=…
	$(FAB) import $(call typed,file,FILE)
run: .venv/.complete ## run a command in all seats: CMD='ps -ef' (SEATS=a,b)
	$(FAB) run $(call typed,cmd,CMD) $(call typed,seconds,SECONDS) $(VISIT)
put: .venv/.complete ## copy a file into all homes: FILE=task.py (TO=folder)
	$(FAB) put $(call typed,file,FILE) $(call typed,to,TO) $(VISIT)
get: .venv/.complete ## copy a file out of all homes: FILE=task.py (TO=collected)
	$(FAB) get $(call typed,file,FILE) $(call typed,to,TO) $(VISIT)
say: .venv/.complete ## a message to everyone in the chat: TEXT='...'
	$(FAB) say $(call typed,text,TEXT)
test: .venv/.complete ## run the project's tests (ARGS="-k chat")
	$(FAB) test $(call typed,args,ARGS)
lint: .venv/.complete ## check style, types, translations
	$(FAB) lint
soak: .venv/.complete ## an hour of the chat in five minutes, with faults (MINUTES=1)
	$(FAB) soak $(call typed,minutes,MINUTES)
language: .venv/.complete ## write what is to be translated: NAME=es
	$(FAB) language $(call typed,name,NAME)
local: ## the lab in one shell, without an engine: only Python
	@$(PYTHON) -s -m lab.host.local
engine: .venv/.complete ## only the engine: install it, if need be, and start it
	$(FAB) engine
images: .venv/.complete ## only the images
	$(FAB) images
bundle: .venv/.complete ## what a machine without a network needs, as one file (FILE=…)
	$(FAB) bundle $(call typed,file,FILE)

# A .venv whose Python has gone from the system is no .venv.
.venv/.complete: requirements.lock $(if $(wildcard .venv/bin/python),,no-python)
	@$(PYTHON) -s -m lab.host.bringup.venv

.DEFAULT:
	@$(SAY) '$@' >&2 2>/dev/null || echo "forklab: there is no target '$@'; make lists them" >&2; exit 2
