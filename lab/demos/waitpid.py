"""waitpid with WNOHANG: ask for the child, and work on.

The child takes 0.5 s. The parent asks after each 0.1 s of its own work:
`(0, 0)` means "not yet", and costs no waiting.
A child that ends between two questions is a zombie until the next;
`lab demo sigchld` is told instead of asking.
Look, in another shell:
`watch -n 0.1 'ps -eo pid,ppid,stat,args | grep demos.waitpid'`.
Source: waitpid(2), WNOHANG; course: waitpid.

waitpid 加 WNOHANG：问一声子进程，接着干活。

子进程需要 0.5 秒。父进程自己每工作 0.1 秒就问一次：`(0, 0)` 表示“还没有”，而且
不用等待。
在两次询问之间结束的子进程，到下一次询问为止是僵尸；`lab demo sigchld` 则不用
问，会得到通知。
在另一个终端查看：
`watch -n 0.1 'ps -eo pid,ppid,stat,args | grep demos.waitpid'`。
出处：waitpid(2) 的 WNOHANG；课程：waitpid。
"""

import os
import time


def main() -> None:
    """Work in steps until the child has been reaped."""
    pid = os.fork()
    if pid == 0:
        time.sleep(0.5)  # its work
        os._exit(4)
    else:
        print(f"parent pid={os.getpid()} child={pid}", flush=True)
        while (answer := os.waitpid(pid, os.WNOHANG)) == (0, 0):
            print(f"waitpid={answer}", flush=True)
            time.sleep(0.1)  # a step of the parent's work
        print(f"waitpid={answer} exitcode={os.waitstatus_to_exitcode(answer[1])}")


if __name__ == "__main__":
    main()
