#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    double seconds[] = {{{seconds}}};

    for (int i = 0; i < {{count}}; i++) {
        if (fork() == 0) {
            usleep(seconds[i] * 1e6);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
