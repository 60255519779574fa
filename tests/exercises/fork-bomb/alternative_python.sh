# What is typed while the bomb goes off is built into bash: the wait until the kernel has refused 50 forks too. The
# count is where a seat has it, or that of the control group that a test has made.
mkfifo silence
while IFS=: read -r _ kind path; do : ${group:=/sys/fs/cgroup$path}; [ "$kind" != pids ] || group=/sys/fs/cgroup/pids$path; done < /proc/self/cgroup
for events in /sys/fs/cgroup/pids.events /sys/fs/cgroup/pids/pids.events $group/pids.events; do [ ! -e $events ] || break; done
printf 'import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n' > bomb.py
python3 bomb.py &
until read -r _ refused < $events && [ $refused -gt 50 ]; do read -rt 0.1 <> silence; done
kill -KILL %1
