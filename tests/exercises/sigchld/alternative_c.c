#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void reap(int number)
{
    int status;
    pid_t pid;

    (void)number;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        dprintf(1, "pid=%d status=%d\n", pid, WEXITSTATUS(status));
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(void)
{
    int codes[] = {{{codes}}};
    struct sigaction action = {.sa_handler = reap};
    sigset_t children;

    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    for (int i = 0; i < {{count}}; i++) {
        if (fork() == 0)
            _exit(codes[i]);
    }
    usleep(300000);
    sigprocmask(SIG_UNBLOCK, &children, NULL);

    for (double end = now() + {{work}}; now() < end; usleep(100000))
        dprintf(1, "tick\n");
    return 0;
}
