# The names are those of scripts behind an interpreter's options; the sleeper wakes a hundred times a second.
echo 'while True: pass' > {{running}}.py
printf 'import time\nwhile True:\n    time.sleep(0.01)\n' > {{sleeping}}.py
printf 'while read -r line; do :; done\n' > {{stopped}}.sh
python3 -W ignore {{running}}.py &
env FOO=1 nice -n 5 python3 -X dev {{sleeping}}.py &
mkfifo pipe
bash -O extglob {{stopped}}.sh <> pipe &
until pgrep -P $$ -f "bash -O extglob {{stopped}}"; do :; done
kill -STOP %3
