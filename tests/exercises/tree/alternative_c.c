#include <sys/wait.h>
#include <unistd.h>

/* Be the process whose letter stands before `shape`: start who is in the brackets behind it, and stay. */
static void live(const char *shape)
{
    int depth = 0;

    if (*shape != '(')
        usleep(1000000);
    else
        do {
            depth += (*shape == '(') - (*shape == ')');
            if (*shape == 'x' && depth == 1 && fork() == 0) {
                live(shape + 1);
                _exit(0);
            }
            shape++;
        } while (depth > 0);
    while (wait(NULL) > 0)
        ;
}

int main(void)
{
    live("{{shape}}" + 1);
    return 0;
}
