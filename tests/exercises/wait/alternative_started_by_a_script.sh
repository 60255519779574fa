#!/bin/sh
cat > forks.py << 'END'
import os, select, time
gone = select.poll()
for seconds in [{{seconds}}]:
    pid = os.posix_spawn("/bin/sleep", ["sleep", str(seconds)], os.environ)
    gone.register(os.pidfd_open(pid), select.POLLIN)
for _ in [{{seconds}}]:
    (number, _), *_ = gone.poll()
    os.waitid(os.P_PIDFD, number, os.WEXITED)
    gone.unregister(number)
END
python3 forks.py
echo "status $?"
