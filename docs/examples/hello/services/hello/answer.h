#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void answer(int client) {
    char request[1024], response[256];
    ssize_t length = read(client, request, sizeof request - 1);
    if (length <= 0) return;
    request[length] = '\0';
    const char *status = "200 OK", *body = "hello " VERSION "\n";
    if (strncmp(request, "GET /health ", 12) == 0) body = "ok\n";
    else if (strncmp(request, "GET / ", 6) != 0) status = "404 Not Found", body = "not found\n";
    int size = snprintf(response, sizeof response,
                        "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                        status, strlen(body), body);
    if (write(client, response, (size_t)size) != size) perror("hello: answer cut short");
}
