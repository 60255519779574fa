#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0)
            usleep({{long}} * 1e6);
        _exit(0);
    }
    waitpid(middle, NULL, 0);
    usleep({{short}} * 1e6);
    return {{code}};
}
