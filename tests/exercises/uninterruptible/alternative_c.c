#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIFO "uninterruptible.fifo"

int main(void)
{
    unlink(FIFO);
    mkfifo(FIFO, 0600);
    pid_t pid = fork();
    if (pid == 0) {
        pid_t other = vfork(); /* until that is another program, or has ended, we are D */
        if (other == 0) {
            open(FIFO, O_RDONLY); /* it waits for a writer */
            _exit(0);
        }
        waitpid(other, NULL, 0);
        _exit(0);
    }
    usleep({{seconds}} * 1e6);
    int writer = open(FIFO, O_WRONLY);
    waitpid(pid, NULL, 0);
    close(writer);
    unlink(FIFO);
    return {{code}};
}
