/* A server that does nothing: every bid is accepted at once, in the words of the protocol (lines, websocket, redis).
 *
 * It shows how much the load generator can do when no server holds it up. Given an update (websocket only), it tells
 * that to everyone who watches, with the bid's amount in it, by one send() for each, before it answers: no server that
 * sends each of them one message can be faster on this machine. Given a number of copies, too, each send() has so many,
 * which shows how much the load generator can hear. Says the port that it listens on. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BYTES 65536
#define HEAD "614e096de9705fa4614e096de9705fa4614e096de9705fa4614e096de9705fa4"

struct guest {
    int fd;
    struct guest *next; /* of those who watch */
    int upgraded;
    size_t length, out_length;
    unsigned char in[BYTES], out[2 * BYTES];
};

static void reply(struct guest *guest, const char *text, size_t length, int framed) {
    if (guest->out_length + length + 4 > sizeof guest->out) exit(1);
    if (framed) {
        guest->out[guest->out_length++] = 0x81;
        if (length >= 126) guest->out[guest->out_length++] = 126, guest->out[guest->out_length++] = length >> 8;
        guest->out[guest->out_length++] = length;
    }
    memcpy(guest->out + guest->out_length, text, length);
    guest->out_length += length;
}

static struct guest *watchers;
static unsigned char update[BYTES]; /* the frame, copies of it */
static size_t update_length, copy_length;
static char *update_amount; /* the place of the amount's digits in the first copy */

static void prepare_update(const char *text, int copies) {
    size_t length = strlen(text), head = length < 126 ? 2 : 4;
    copy_length = head + length;
    for (int i = 0; i < copies && update_length + copy_length <= sizeof update; i++) {
        unsigned char *frame = update + update_length;
        frame[0] = 0x81, frame[1] = head == 2 ? length : 126;
        if (head == 4) frame[2] = length >> 8, frame[3] = length;
        memcpy(frame + head, text, length);
        update_length += copy_length;
    }
    update_amount = memmem(update, copy_length, "\"amount\":", 9);
    if (update_amount == NULL) exit(1);
    update_amount += 9;
}

static void tell_everyone(const char *amount) {
    size_t digits = strspn(amount, "0123456789");
    for (size_t place = 0; place < update_length; place += copy_length) memcpy(update_amount + place, amount, digits);
    for (struct guest *guest = watchers; guest != NULL; guest = guest->next)
        if (send(guest->fd, update, update_length, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET) exit(1);
}

static void answer(struct guest *guest, const unsigned char *message, size_t length, int framed) {
    char text[256];
    const char *id = memmem(message, length, "\"id\":", 5);
    int size = snprintf(text, sizeof text, "{\"type\":\"welcome\"}");
    if (update_length > 0 && id != NULL)
        tell_everyone((const char *)memmem(message, length, "\"amount\":", 9) + 9);
    if (memmem(message, length, "\"watch\"", 7) != NULL) guest->next = watchers, watchers = guest;
    if (id != NULL)
        size = snprintf(text, sizeof text, "{\"type\":\"accepted\",\"id\":%lu,\"seq\":4,\"head\":\"" HEAD "\"}",
                        strtoul(id + 5, NULL, 10));
    if (!framed) text[size++] = '\n';
    reply(guest, text, size, framed);
}

static size_t one_line(struct guest *guest, unsigned char *bytes, size_t length) {
    unsigned char *end = memchr(bytes, '\n', length);
    if (end == NULL) return 0;
    answer(guest, bytes, end - bytes, 0);
    return end - bytes + 1;
}

static size_t one_frame(struct guest *guest, unsigned char *bytes, size_t length) {
    static const char upgrade[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
    if (!guest->upgraded) {
        unsigned char *end = memmem(bytes, length, "\r\n\r\n", 4);
        if (end == NULL) return 0;
        guest->upgraded = 1;
        reply(guest, upgrade, sizeof upgrade - 1, 0);
        return end + 4 - bytes;
    }
    if (length < 8) return 0;
    size_t size = bytes[1] & 127, head = 6;
    if (size == 126) size = (size_t)bytes[2] << 8 | bytes[3], head = 8;
    if (length < head + size) return 0;
    for (size_t i = 0; i < size; i++) bytes[head + i] ^= bytes[head - 4 + (i & 3)];
    answer(guest, bytes + head, size, 1);
    return head + size;
}

/* A bid is an array of ten; its ninth string is the id. What is shorter is a greeting. */
static size_t one_command(struct guest *guest, unsigned char *bytes, size_t length) {
    unsigned char *end = memchr(bytes, '\n', length);
    if (end == NULL) return 0;
    long count = strtol((char *)bytes + 1, NULL, 10), id = 0;
    size_t used = end - bytes + 1;
    for (long i = 0; i < count; i++) {
        end = memchr(bytes + used, '\n', length - used);
        if (end == NULL) return 0;
        size_t size = strtol((char *)bytes + used + 1, NULL, 10);
        used = end - bytes + 1;
        if (used + size + 2 > length) return 0;
        if (i == 8) id = strtol((char *)bytes + used, NULL, 10);
        used += size + 2;
    }
    char text[80];
    int size = count < 10 ? snprintf(text, sizeof text, "+PONG\r\n")
                          : snprintf(text, sizeof text, "*3\r\n:1\r\n:%ld\r\n$15\r\n1790000000000-0\r\n", id);
    reply(guest, text, size, 0);
    return used;
}

int main(int count, char **arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char *name = count > 1 ? arguments[1] : "lines";
    if (count > 2) prepare_update(arguments[2], count > 3 ? atoi(arguments[3]) : 1);
    size_t (*one)(struct guest *, unsigned char *, size_t) = strcmp(name, "websocket") == 0 ? one_frame
                                                              : strcmp(name, "redis") == 0 ? one_command
                                                                                           : one_line;
    int listener = socket(AF_INET, SOCK_STREAM, 0), set = epoll_create1(0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0) return 1;
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(set, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            struct guest *guest = events[i].data.ptr;
            if (guest == NULL) {
                guest = calloc(1, sizeof *guest);
                guest->fd = accept(listener, NULL, NULL);
                setsockopt(guest->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                event.data.ptr = guest;
                epoll_ctl(set, EPOLL_CTL_ADD, guest->fd, &event);
                continue;
            }
            ssize_t got = recv(guest->fd, guest->in + guest->length, BYTES - guest->length, 0);
            if (got <= 0) {
                for (struct guest **place = &watchers; *place != NULL; place = &(*place)->next)
                    if (*place == guest) {
                        *place = guest->next;
                        break;
                    }
                close(guest->fd);
                free(guest);
                continue;
            }
            guest->length += got;
            size_t used = 0, step;
            while (used < guest->length && (step = one(guest, guest->in + used, guest->length - used)) != 0)
                used += step;
            guest->length -= used;
            memmove(guest->in, guest->in + used, guest->length);
            if (guest->out_length && send(guest->fd, guest->out, guest->out_length, MSG_NOSIGNAL) < 0) return 1;
            guest->out_length = 0;
        }
    }
}
