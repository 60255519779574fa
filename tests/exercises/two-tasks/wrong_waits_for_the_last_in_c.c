// fails: at-once not-waited
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t last = 0;
    double tasks[] = { {{short}}, {{long}} };
    for (int n = 0; n < 2; n++) {
        last = fork();
        if (last == 0) {
            usleep(tasks[n] * 1e6);
            _exit(0);
        }
    }
    waitpid(last, NULL, 0);
    return {{code}};
}
