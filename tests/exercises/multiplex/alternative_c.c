#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST 64
#define LONGEST 4096

static const struct sockaddr_un address = {AF_UNIX, "multiplex.sock"};
static struct pollfd ends[MOST]; /* the first is the listener */
static char lines[MOST][LONGEST + 1]; /* what each has said of a line so far */

static void answer(int client, const char *line)
{
    char text[LONGEST + 64];
    int length = snprintf(text, sizeof text, "{{answer}} %s\n", line);

    send(client, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Read what a client says and answer each line; tell whether it is still there. */
static int hear(int client, char *line)
{
    size_t used = strlen(line);
    ssize_t length = read(client, line + used, LONGEST - used);
    char *end;

    if (length <= 0)
        return 0;
    line[used + length] = '\0';
    while ((end = strchr(line, '\n'))) {
        *end = '\0';
        answer(client, line);
        memmove(line, end + 1, strlen(end + 1) + 1);
    }
    return 1;
}

int main(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), count = 1;

    unlink(address.sun_path);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) == -1 || listen(listener, 20) == -1) {
        perror(address.sun_path);
        return 1;
    }
    ends[0] = (struct pollfd){listener, POLLIN, 0};
    for (;;) {
        poll(ends, count, -1);
        for (int i = count - 1; i > 0; i--) {
            if (ends[i].revents && !hear(ends[i].fd, lines[i])) {
                close(ends[i].fd);
                ends[i] = ends[--count];
                strcpy(lines[i], lines[count]);
            }
        }
        if (ends[0].revents && count < MOST) {
            lines[count][0] = '\0';
            ends[count++] = (struct pollfd){accept(listener, NULL, NULL), POLLIN, 0};
        }
    }
}
