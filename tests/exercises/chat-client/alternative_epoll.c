/* It expects no signal: whatever epoll_wait fails with is fatal, EINTR of the check's SIGCONT as well, signal(7). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static char data[8192];
static size_t used;

/* Connect, and log in. */
static int enter(const char *me)
{
    const char *path = getenv("CHAT_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int room = socket(AF_UNIX, SOCK_STREAM, 0);

    if (!path)
        return -1;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(room, (struct sockaddr *)&address, sizeof address) == -1)
        return -1;
    dprintf(room, "%s\n", me);
    return room;
}

/* Take in what has come, and answer the question in each whole line of it. */
static void take(int room, const char *me, size_t length)
{
    char *line = data, *end, *text;
    char question[128];

    snprintf(question, sizeof question, " : %s, {{question}}?", me);
    used += length;
    data[used] = '\0';
    while ((end = strchr(line, '\n'))) {
        *end = '\0';
        text = strstr(line, " : ");
        if (text && strcmp(text, question) == 0)
            dprintf(room, "%.*s, {{answer}}\n", (int)(text - line), line);
        line = end + 1;
    }
    used = strlen(line);
    memmove(data, line, used + 1);
}

int main(void)
{
    const char *me = getenv("LOGNAME");
    int room = me ? enter(me) : -1;
    ssize_t length;

    if (room == -1) {
        perror("the room");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN};
    int watch = epoll_create1(0);

    epoll_ctl(watch, EPOLL_CTL_ADD, room, &event);
    for (;;) {
        if (epoll_wait(watch, &event, 1, -1) == -1) {
            perror("epoll_wait");
            return 1;
        }
        length = recv(room, data + used, sizeof data - 1 - used, 0);
        if (length <= 0)
            return 0;
        take(room, me, length);
    }
}
