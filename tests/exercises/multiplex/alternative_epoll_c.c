// epoll_wait whose -1 ends it, whatever it is, as the example of its manual page does
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
static char buf[1024][8192];
static size_t len[1024];
int main(void) {
    struct sockaddr_un a;
    memset(&a, 0, sizeof a);
    a.sun_family = AF_UNIX;
    strcpy(a.sun_path, "multiplex.sock");
    unlink(a.sun_path);
    signal(SIGPIPE, SIG_IGN);
    int l = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(l, (struct sockaddr *)&a, sizeof a) || listen(l, 64)) return 1;
    int e = epoll_create1(0);
    struct epoll_event v, ev[10];
    v.events = EPOLLIN;
    v.data.fd = l;
    epoll_ctl(e, EPOLL_CTL_ADD, l, &v);
    for (;;) {
        int n = epoll_wait(e, ev, 10, -1);
        if (n == -1) { perror("epoll_wait"); exit(EXIT_FAILURE); }
        for (int i = 0; i < n; i++) {
            int c = ev[i].data.fd;
            if (c == l) {
                v.data.fd = accept(l, 0, 0);
                len[v.data.fd] = 0;
                epoll_ctl(e, EPOLL_CTL_ADD, v.data.fd, &v);
                continue;
            }
            ssize_t r = read(c, buf[c] + len[c], sizeof buf[c] - len[c]);
            if (r <= 0) { close(c); continue; }
            len[c] += r;
            char *x;
            while ((x = memchr(buf[c], '\n', len[c]))) {
                size_t k = x - buf[c] + 1;
                dprintf(c, "{{answer}} %.*s", (int)k, buf[c]);
                memmove(buf[c], x + 1, len[c] - k);
                len[c] -= k;
            }
        }
    }
}
