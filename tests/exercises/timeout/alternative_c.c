#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct sockaddr_un address = {AF_UNIX, "timeout.sock"};

static void serve(int client)
{
    struct pollfd silent = {client, POLLIN, 0};
    char data[4096];
    ssize_t length;

    while (poll(&silent, 1, {{seconds}} * 1000) > 0 && (length = read(client, data, sizeof data)) > 0) {
        for (ssize_t i = 0; i < length; i++) {
            if (data[i] == '\n')
                dprintf(client, "{{answer}}\n");
        }
    }
}

int main(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    signal(SIGCHLD, SIG_IGN); /* the kernel reaps */
    unlink(address.sun_path);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) == -1 || listen(listener, 20) == -1) {
        perror(address.sun_path);
        return 1;
    }
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (fork() == 0) {
            close(listener);
            serve(client);
            _exit(0);
        }
        close(client);
    }
}
