"""wait: the parent sleeps until a child ends, and learns how.

One child ends with exit code 3 after 0.3 s, the other is killed by a signal
after 0.6 s. Each wait returns one child, the first that ends. The status word
has the exit code in its upper byte (3 reads 0x0300), the signal in the lower.
Look, in another shell:
`watch -n 0.1 'ps -eo pid,ppid,stat,args | grep demos.wait'`: the parent is S,
no child is Z.
Source: wait(2), with the macros; os.waitstatus_to_exitcode; course: wait and
the status.

wait：父进程睡到有子进程结束，并得知它是怎样结束的。

一个子进程 0.3 秒后以退出码 3 结束，另一个 0.6 秒后被信号杀死。每次 wait 返回一
个子进程，先结束的先返回。
状态字的高字节是退出码（3 显示为 0x0300），低字节是信号编号。
在另一个终端查看：
`watch -n 0.1 'ps -eo pid,ppid,stat,args | grep demos.wait'`：父进程为 S，没有
Z。
出处：wait(2) 中的各个宏；os.waitstatus_to_exitcode；课程：wait 与退出状态。
"""

import os
import signal
import time


def explain(pid: int, status: int) -> None:
    """Take a status word apart."""
    print(f"pid={pid} status={status:#06x} WIFEXITED={os.WIFEXITED(status)}", end=" ")
    if os.WIFEXITED(status):
        print(f"WEXITSTATUS={os.WEXITSTATUS(status)}", end=" ")
    else:
        print(f"WTERMSIG={os.WTERMSIG(status)}", end=" ")
    print(f"exitcode={os.waitstatus_to_exitcode(status)}", flush=True)


def main() -> None:
    """Start two children that end in different ways, and wait for both."""
    print(f"parent pid={os.getpid()}", flush=True)
    if os.fork() == 0:
        time.sleep(0.3)  # its work
        os._exit(3)
    if os.fork() == 0:
        time.sleep(0.6)
        os.kill(os.getpid(), signal.SIGKILL)  # this end leaves no time for an os._exit
    for _ in range(2):
        explain(*os.wait())


if __name__ == "__main__":
    main()
