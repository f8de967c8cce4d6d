/* hello: a small HTTP service. GET / answers its version, GET /health answers ok. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.0.0-dev"
#endif

#include "answer.h"
#include "stop.h"

static int serve_on(unsigned short port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0) {
        perror("hello: cannot listen");
        exit(1);
    }
    return listener;
}

int main(int count, char **arguments) {
    unsigned short port = 8080;
    if (count == 2 && strcmp(arguments[1], "--version") == 0) {
        puts("hello " VERSION);
        return 0;
    }
    if (count == 3 && strcmp(arguments[1], "--port") == 0) port = (unsigned short)atoi(arguments[2]);
    else if (count != 1) return fputs("usage: hello [--port N | --version]\n", stderr), 2;
    stop_on_signals();
    int listener = serve_on(port);
    printf("hello " VERSION " listens on port %d\n", port);
    fflush(stdout);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        struct timeval patience = {.tv_sec = 5};
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        answer(client);
        close(client);
    }
}
