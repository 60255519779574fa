#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0)
        _exit({{code}});
    usleep({{seconds}} * 1e6);
    wait(NULL);
    usleep(300000);
    return 0;
}
