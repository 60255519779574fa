#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        usleep({{short}} * 1e6);
        _exit(0);
    }
    usleep({{long}} * 1e6);
    waitpid(pid, NULL, 0);
    return {{code}};
}
