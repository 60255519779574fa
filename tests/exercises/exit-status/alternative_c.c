#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;

    if (fork() == 0)
        _exit({{code}});
    usleep(500000);
    wait(&status);
    printf("the child's exit status: %d\n", WEXITSTATUS(status));
    return 0;
}
