import os
import select
import signal
import time

CODES = {{codes}}


def main():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    children = {os.posix_spawn("/bin/sh", ["sh", "-c", f"exit {code}"], os.environ) for code in CODES}
    time.sleep(0.3)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    end = time.monotonic() + {{work}}
    while (left := end - time.monotonic()) > 0:
        if select.select([reading], [], [], min(0.1, left))[0]:
            os.read(reading, 100)
            while children:
                pid, status = os.wait()
                children.remove(pid)
                print(f"pid={pid} status={os.WEXITSTATUS(status)}")
        print("working")


main()
