import os
import sys
import tempfile
import time

fifo = tempfile.mkdtemp() + "/fifo"
os.mkfifo(fifo)
pid = os.fork()
if pid == 0:
    # The child: spawn a program. What does it have to open first? | 子进程：启动一个程序。它必须先打开什么？
    program = os.posix_spawn("/bin/true", ["true"], {}, file_actions=[])
    os.waitpid(program, 0)
    os._exit(0)
# The parent: who lets the child go, and when? | 父进程：由谁、在什么时候放行子进程？
os.waitpid(pid, 0)
sys.exit(0)
