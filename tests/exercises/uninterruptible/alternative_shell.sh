#!/bin/sh
rm -f fifo
mkfifo fifo
python3 -c 'import os; os.waitpid(os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, "fifo", os.O_RDONLY, 0)]), 0)' &
until grep -q '(python.*) D' "/proc/$!/stat"; do sleep 0.02; done
sleep {{seconds}}
: > fifo
wait "$!"
rm fifo
exit {{code}}
