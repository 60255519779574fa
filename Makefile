# Each target is a task of lab/fabfile/; make alone lists them.
PYTHON ?= python3
SEAT ?=
ROSTER ?=
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
CHINESE = $(filter zh%,$(or $(LANGUAGE),$(LC_ALL),$(LC_MESSAGES),$(LANG)))
# The folder's own `lab`, whatever else is installed; and nothing of what a person has told their own Python.
FAB = @.venv/bin/python -m fabric -r lab
unexport $(filter PYTHON%,$(filter-out PYTHON,$(.VARIABLES)))
# An option and its value as it was typed: neither make nor the shell looks into it.
typed = --$(1) '$(subst ','\'',$(value $(2)))'
VISIT = $(call typed,seats,SEATS) $(call typed,gate,GATE) $(call typed,key,KEY) $(call typed,roster,ROSTER) $(if $(JSON),--as-json)
CHOSEN = $(call typed,seat,SEAT) $(if $(ALL),--everyone) $(if $(YES),--yes)

.PHONY: help lab shell status board links transcript check grade drill down clean test lint soak language local engine images \
	no-python snapshot snapshots restart reset factory undo export import run put get say
.SUFFIXES:
.DEFAULT_GOAL := help

help: ## list the targets ## 列出目标
	@awk -F ' ## ' '/^[a-z]+:.* ## / { sub(":.*", "", $$1); printf "  make %-10s %s\n", $$1, $$$(if $(CHINESE),3,2) }' Makefile
lab: .venv/.complete ## bring the lab up (ROSTER=class.csv; none: three seats again) ## 启动实验室（ROSTER=class.csv；ROSTER=none：回到三个座位）
	$(FAB) lab $(call typed,roster,ROSTER) $(call typed,packages,PACKAGES)
shell: .venv/.complete ## enter a seat: make shell SEAT=client1 ## 进入座位：make shell SEAT=client1
	$(FAB) shell $(call typed,seat,SEAT)
status: .venv/.complete ## who is up, logged in, at work since when (JSON=1 for programs) ## 谁在运行、登录，何时开始（JSON=1 供程序使用）
	$(FAB) status $(if $(JSON),--as-json)
board: .venv/.complete ## where the board is: the whole class at work, in a browser ## 看板的地址：在浏览器里看全班
	$(FAB) board
links: .venv/.complete ## each seat's link, to print: .lab/links.html (SEAT=x: a new one) ## 每个座位的链接，可打印：.lab/links.html（SEAT=x 换新）
	$(FAB) links $(call typed,seat,SEAT)
transcript: .venv/.complete ## who said what in the chat, as JSON lines (SEAT=client1) ## 聊天记录，JSON 行（SEAT=client1）
	$(FAB) transcript $(call typed,seat,SEAT)
check: .venv/.complete ## check the running lab and all demos (ONLY=chat) ## 检查运行中的实验室和所有示例（ONLY=chat）
	$(FAB) check $(call typed,only,ONLY)
grade: .venv/.complete ## grade the exercises (SEATS=a,b ONLY=zombie FROM=reports) ## 为练习评分（SEATS=a,b ONLY=zombie FROM=reports）
	$(FAB) grade $(call typed,seats,SEATS) $(call typed,only,ONLY) $(call typed,evidence,FROM)
drill: .venv/.complete ## live: does a fork bomb in one seat slow the others? (JSON=1) ## 实时观察：一个座位的 fork 炸弹会拖慢其他座位吗？（JSON=1）
	$(FAB) drill $(if $(JSON),--as-json)
down: .venv/.complete ## stop the lab; the students' work is kept ## 停止实验室；学生的作业保留
	$(FAB) down
clean: .venv/.complete ## remove all, students' work too; asks first (YES=1) ## 删除一切，包括学生的作业；先询问（YES=1）
	$(FAB) clean $(if $(YES),--yes)
snapshot: .venv/.complete ## keep the homes as they are now (SEAT=client1 for one) ## 保留主目录现在的样子（SEAT=client1 只保留一个）
	$(FAB) snapshot $(call typed,seat,SEAT)
snapshots: .venv/.complete ## list the snapshots ## 列出快照
	$(FAB) snapshots $(call typed,seat,SEAT) $(if $(JSON),--as-json)
restart: .venv/.complete ## end a seat's processes, start it again: SEAT=client1, or ALL=1 ## 结束座位的进程并重新启动：SEAT=client1，或 ALL=1
	$(FAB) restart $(CHOSEN)
reset: .venv/.complete ## make a seat's container anew; the home stays ## 重建座位的容器；主目录保留
	$(FAB) reset $(CHOSEN)
factory: .venv/.complete ## make a seat's home anew too; undo brings it back ## 主目录也重建；undo 可以恢复
	$(FAB) factory $(CHOSEN)
undo: .venv/.complete ## put a snapshot back, the newest or SNAPSHOT=…; again: redo ## 恢复座位的最新快照，或 SNAPSHOT=…；再来一次则撤回
	$(FAB) undo $(call typed,seat,SEAT) $(if $(ALL),--everyone) $(call typed,snapshot,SNAPSHOT)
export: .venv/.complete ## write the class's work to one archive (FILE=class.tar.gz) ## 把全班作业写入一个归档（FILE=class.tar.gz）
	$(FAB) export $(call typed,file,FILE)
import: .venv/.complete ## put an archive's homes into the seats of those names: FILE=… ## 把归档中的主目录放入同名座位：FILE=…
	$(FAB) import $(call typed,file,FILE)
run: .venv/.complete ## run a command in all seats: CMD='ps -ef' (SEATS=a,b) ## 在所有座位同时运行命令：CMD='ps -ef'（SEATS=client1,client2）
	$(FAB) run $(call typed,cmd,CMD) $(call typed,seconds,SECONDS) $(VISIT)
put: .venv/.complete ## copy a file into all homes: FILE=task.py (TO=folder) ## 把文件复制到所有主目录：FILE=task.py（TO=folder）
	$(FAB) put $(call typed,file,FILE) $(call typed,to,TO) $(VISIT)
get: .venv/.complete ## copy a file out of all homes: FILE=task.py (TO=collected) ## 从所有主目录取回文件：FILE=task.py（TO=collected）
	$(FAB) get $(call typed,file,FILE) $(call typed,to,TO) $(VISIT)
say: .venv/.complete ## a message to everyone in the chat: TEXT='...' ## 给聊天室所有人的消息：TEXT='...'
	$(FAB) say $(call typed,text,TEXT)
test: .venv/.complete ## run the project's tests (ARGS="-k chat") ## 运行项目的测试（ARGS="-k chat"）
	$(FAB) test $(call typed,args,ARGS)
lint: .venv/.complete ## check style, types, translations ## 检查代码风格、类型和翻译
	$(FAB) lint
soak: .venv/.complete ## an hour of the chat in five minutes, with faults (MINUTES=1) ## 五分钟里的一小时聊天，并制造故障（MINUTES=1）
	$(FAB) soak $(call typed,minutes,MINUTES)
language: .venv/.complete ## write what is to be translated: NAME=es ## 写出需要翻译的内容：NAME=es
	$(FAB) language $(call typed,name,NAME)
local: ## the lab in one shell, without an engine: only Python ## 一个 shell 中的实验室，无需引擎：只要 Python
	@$(PYTHON) -s -m lab.host.local
engine: .venv/.complete ## only the engine: install it, if need be, and start it ## 只处理引擎：需要时安装，并启动
	$(FAB) engine
images: .venv/.complete ## only the images ## 只构建映像
	$(FAB) images

# A .venv whose Python has gone from the system is no .venv.
.venv/.complete: requirements.lock $(if $(wildcard .venv/bin/python),,no-python)
	@$(PYTHON) -s -m lab.host.bringup.venv

.DEFAULT:
	@echo "forklab: $(if $(CHINESE),没有目标 '$@'；make 会列出全部目标,there is no target '$@'; make lists them)" >&2; exit 2
