#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const struct sockaddr_un address = {AF_UNIX, "echo.sock"};
static const struct sockaddr *where = (const struct sockaddr *)&address;

/* A socket on which nobody listens refuses; what is no socket does so too. */
static int is_stale(void)
{
    struct stat found;
    int probe = socket(AF_UNIX, SOCK_STREAM, 0);
    int refused = connect(probe, where, sizeof address) == -1 && errno == ECONNREFUSED;

    close(probe);
    return refused && lstat(address.sun_path, &found) == 0 && S_ISSOCK(found.st_mode);
}

static void serve(int client)
{
    FILE *lines = fdopen(client, "r");
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    while ((length = getline(&line, &size, lines)) > 0 && line[length - 1] == '\n')
        dprintf(client, "{{answer}}\n");
    free(line);
    fclose(lines);
}

int main(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    signal(SIGPIPE, SIG_IGN);
    if (is_stale())
        unlink(address.sun_path);
    if (bind(listener, where, sizeof address) == -1 || listen(listener, 5) == -1) {
        perror(address.sun_path);
        return 1;
    }
    for (;;)
        serve(accept(listener, NULL, NULL));
}
