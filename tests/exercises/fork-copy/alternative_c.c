#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int a = {{before}};

    if (fork() == 0) {
        a = {{after}};
        printf("pid=%d a=%d\n", getpid(), a);
        fflush(stdout);
        usleep(300000);
        return 0;
    }
    wait(NULL);
    printf("pid=%d a=%d\n", getpid(), a);
    return 0;
}
