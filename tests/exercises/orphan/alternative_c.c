#include <unistd.h>

int main(void)
{
    if (fork() == 0) {
        usleep(({{work}} + {{alone}}) * 1e6);
        return 0;
    }
    usleep({{work}} * 1e6);
    return {{code}};
}
