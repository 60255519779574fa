# What is typed while the bomb goes off is built into bash: the wait until the kernel has refused 50 forks too.
mkfifo silence
while IFS=: read -r _ kind path; do : ${events:=/sys/fs/cgroup$path}; [ "$kind" != pids ] || events=/sys/fs/cgroup/pids$path; done < /proc/self/cgroup
events=$events/pids.events
bash -c ':() { : | : & }; :; wait' &
until read -r _ refused < $events && [ $refused -gt 50 ]; do read -rt 0.1 <> silence; done
kill -KILL -- -$!
