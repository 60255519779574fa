#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t child = fork();
    if (child == 0) {
        printf("{{child}} pid=%d parent=%d\n", getpid(), getppid());
        fflush(stdout);
        usleep(300000);
        return 0;
    }
    printf("{{parent}} pid=%d child=%d\n", getpid(), child);
    fflush(stdout);
    wait(NULL);
    return 0;
}
