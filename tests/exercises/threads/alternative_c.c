#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void *stay(void *nothing)
{
    usleep(1000000);
    return nothing;
}

int main(void)
{
    pthread_t threads[{{k}}];

    for (int i = 0; i < {{k}}; i++) {
        if (fork() == 0) {
            stay(NULL);
            _exit(0);
        }
    }
    for (int i = 1; i < {{k}}; i++)
        pthread_create(&threads[i], NULL, stay, NULL);
    stay(NULL);
    for (int i = 1; i < {{k}}; i++)
        pthread_join(threads[i], NULL);
    while (wait(NULL) > 0)
        ;
    return 0;
}
