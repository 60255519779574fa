#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;
    if (vfork() == 0)
        _exit({{code}});
    usleep(500000);
    wait(&status);
    printf("子进程的退出状态是 %d。\n", WEXITSTATUS(status));
    return 0;
}
