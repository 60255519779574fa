#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void tick(void)
{
    puts("tick");
    fflush(stdout);
    usleep(100000);
}

int main(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        usleep({{seconds}} * 1e6);
        _exit({{code}});
    }
    while (waitpid(pid, &status, WNOHANG) == 0)
        tick();
    for (int i = 0; i < 3; i++)
        tick();
    return WEXITSTATUS(status);
}
