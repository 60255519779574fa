# fails: allowed raised-back
# The two values swapped, by one who has not the right: a root who tries this loses it first.
import os

SCRIPT = """
nice -n {{second}} sh -c 'while :; do :; done' &
sleep 0.6
renice -n {{first}} -p $! || { kill $!; exit 1; }
"""
without = ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"] if os.geteuid() == 0 else []
command = [*without, "bash", "-c", SCRIPT]
os.execvp(command[0], command)
