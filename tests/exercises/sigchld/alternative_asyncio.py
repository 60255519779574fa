"""An event loop calls the handler, and the lines are coloured, as they may be on a terminal."""

import asyncio
import os
import signal
import time


def reap():
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            print(f"\x1b[32mpid={pid}\x1b[0m \x1b[1mstatus={os.waitstatus_to_exitcode(status)}\x1b[0m")
    except ChildProcessError:
        pass


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, reap)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    for code in [{{codes}}]:
        if os.fork() == 0:
            os._exit(code)
    await asyncio.sleep(0.3)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    end = time.monotonic() + {{work}}
    while time.monotonic() < end:
        print("\x1b[2mtick\x1b[0m")
        await asyncio.sleep(0.1)


asyncio.run(main())
