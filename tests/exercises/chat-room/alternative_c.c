#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST 64
#define LONGEST 4096
#define NAME 64

enum { LISTENER, KEYBOARD, CLIENTS }; /* who is where in the two tables */

static const struct sockaddr_un address = {AF_UNIX, "chat-room.sock"};
static struct pollfd ends[MOST];
static struct {
    char name[NAME];       /* empty: not logged in */
    char line[LONGEST + 1]; /* what was said of a line so far */
} who[MOST];
static int count = CLIENTS;

/* Send without waiting; who does not read is hung up on, which we shall hear as its end. */
static void tell(int client, const char *format, ...)
{
    char text[LONGEST + NAME + 8];
    va_list words;

    va_start(words, format);
    int length = vsnprintf(text, sizeof text, format, words);
    va_end(words);
    if (send(ends[client].fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) != length)
        shutdown(ends[client].fd, SHUT_RDWR);
}

static void tell_others(int but, const char *name, const char *between, const char *text)
{
    for (int i = CLIENTS; i < count; i++) {
        if (i != but && who[i].name[0])
            tell(i, "%s%s%s\n", name, between, text);
    }
}

static int is_taken(const char *name)
{
    for (int i = CLIENTS; i < count; i++) {
        if (strcmp(who[i].name, name) == 0)
            return 1;
    }
    return 0;
}

static void take(int i, const char *line)
{
    if (i == KEYBOARD) {
        tell_others(-1, "{{admin}}", " : ", line);
    } else if (who[i].name[0]) {
        tell_others(i, who[i].name, " : ", line);
    } else if (!line[0] || strlen(line) >= NAME || is_taken(line)) {
        tell(i, "* error: the name is taken, or none\n");
    } else {
        strcpy(who[i].name, line);
        tell(i, "* welcome %s\n", line);
        tell_others(i, line, " ", "{{login}}");
    }
}

/* Read what somebody says and take each line; tell whether they are still there. */
static int hear(int i)
{
    char line[LONGEST + 1], *end, *rest = who[i].line;
    size_t used = strlen(rest);
    ssize_t length = read(ends[i].fd, rest + used, LONGEST - used);

    if (length <= 0)
        return 0;
    rest[used + length] = '\0';
    while ((end = strchr(rest, '\n'))) {
        *end = '\0';
        strcpy(line, rest);
        memmove(rest, end + 1, strlen(end + 1) + 1);
        take(i, line);
    }
    return 1;
}

static void leave(int i)
{
    char name[NAME];

    strcpy(name, who[i].name);
    close(ends[i].fd);
    ends[i] = ends[--count];
    who[i] = who[count];
    if (name[0])
        tell_others(-1, name, " ", "{{logout}}");
}

int main(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    unlink(address.sun_path);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) == -1 || listen(listener, 20) == -1) {
        perror(address.sun_path);
        return 1;
    }
    ends[LISTENER] = (struct pollfd){listener, POLLIN, 0};
    ends[KEYBOARD] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
    for (;;) {
        poll(ends, count, -1);
        for (int i = count - 1; i >= CLIENTS; i--) {
            if (ends[i].revents && !hear(i))
                leave(i);
        }
        if (ends[KEYBOARD].revents && !hear(KEYBOARD))
            ends[KEYBOARD].fd = -1; /* poll leaves it out */
        if (ends[LISTENER].revents && count < MOST) {
            memset(&who[count], 0, sizeof who[count]);
            ends[count++] = (struct pollfd){accept(listener, NULL, NULL), POLLIN, 0};
        }
    }
}
