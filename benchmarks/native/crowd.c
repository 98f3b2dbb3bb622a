/* A crowd that loses its connections and comes back all at once: how long until everyone has the room again.
 *
 * Everybody joins over a WebSocket and makes one bid, which keeps their seat for them; when all have, they come in again
 * with their token, to hear the latest of each batch. On the first SIGUSR1 all of them close their sockets, on the
 * second all of them connect, join with their token and wait for the welcome, which holds the whole room. Who is turned
 * away tries again after a moment. Says "in" when all are in, "out" when all are out, and when all are back one JSON object: how
 * long each has waited (ns), how often somebody tried again, and the bytes of the welcomes. Goes on reading until it is
 * stopped. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "speak.h"
#include "websocket.h"

#define READ_BYTES (256 * 1024)
#define SHARED_BYTES (16 * READ_BYTES)
#define AT_ONCE 20 /* so many come in together the first time */
#define RETRY (SECOND / 5)
#define PATIENCE_MS 20
#define TOKEN 32

struct member {
    struct peer peer; /* first: websocket.c knows no more of a member */
    char token[TOKEN + 1];
    bool has_bid;
    bool leaves; /* it has closed the connection itself */
    uint64_t retry_at; /* 0: not waiting to try again */
};

static struct member **members;
static int member_count, port, poll_set, bid_count, in_count, started;
static bool is_coming_back;
static uint64_t now, back_at, retries, welcome_bytes;
static struct histogram back_after;
static const char *room, *item;

static void connect_member(struct member *member) {
    struct peer *peer = &member->peer;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer->stage = 0, peer->in = false, peer->in_length = peer->out_length = 0;
    member->retry_at = 0;
    member->leaves = false;
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (peer->fd < 0) fail("socket: %s", strerror(errno));
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
        fail("port %d: %s", port, strerror(errno));
    put_upgrade(peer, "/ws");
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = member};
    epoll_ctl(poll_set, EPOLL_CTL_ADD, peer->fd, &event);
}

/* The connection is gone. */
static void try_again(struct member *member) {
    close(member->peer.fd);
    if (member->peer.in) broken(&member->peer, "the server closed the connection", (const unsigned char *)"", 0);
    member->peer.fd = -1;
    if (member->leaves) return; /* until all have bid */
    member->retry_at = now + RETRY;
    retries++;
}

static void opened(struct peer *peer) {
    struct member *member = (struct member *)peer;
    char text[400];
    int length = snprintf(text, sizeof text, "{\"type\":\"join\",\"room\":\"%s\",", room);
    if (member->has_bid)
        length += snprintf(text + length, sizeof text - length, "\"token\":\"%s\",\"events\":\"latest\"}", member->token);
    else
        length += snprintf(text + length, sizeof text - length, "\"name\":\"crowd-%d\",\"events\":\"none\"}", peer->number);
    put_frame(peer, 1, text, length);
}

static void bid(struct member *member) {
    static uint64_t amount, id; /* shared: amounts rise over all members, and so do the ids of each */
    char text[200];
    int length = snprintf(text, sizeof text, "{\"type\":\"bid\",\"item\":\"%s\",\"amount\":%llu,\"id\":%llu}", item,
                          (unsigned long long)++amount, (unsigned long long)++id);
    put_frame(&member->peer, 1, text, length);
}

static void come_in(struct member *member, const unsigned char *welcome, size_t length) {
    static const char mark[] = "\"token\":\"", state[] = "\"items\":";
    unsigned char *token = memmem(welcome, length, mark, sizeof mark - 1);
    if (token == NULL || memmem(welcome, length, state, sizeof state - 1) == NULL)
        broken(&member->peer, "a welcome without token or room", welcome, length);
    memcpy(member->token, token + sizeof mark - 1, TOKEN);
    if (!member->has_bid) return bid(member);
    if (is_coming_back) {
        record(&back_after, now - back_at);
        welcome_bytes += length;
    }
    member->peer.in = true;
    in_count++;
}

#define STARTS(what) (length >= sizeof(what) - 1 && memcmp(bytes, what, sizeof(what) - 1) == 0)

static void message(struct peer *peer, const unsigned char *bytes, size_t length) {
    struct member *member = (struct member *)peer;
    if (STARTS("{\"type\":\"update\"") || STARTS("{\"type\":\"state\"") || STARTS("{\"type\":\"sales\"")) return;
    if (STARTS("{\"type\":\"welcome\"")) {
        come_in(member, bytes, length);
    } else if (STARTS("{\"type\":\"refused\"")) { /* another one's bid has overtaken it */
        bid(member);
    } else if (STARTS("{\"type\":\"accepted\"")) {
        member->has_bid = true;
        member->leaves = true;
        bid_count++;
        shutdown(peer->fd, SHUT_RDWR); /* the next thing that is read is its end */
    } else if (!STARTS("{\"type\":\"error\",\"reason\":\"unavailable\"")) {
        broken(peer, "unexpected message", bytes, length);
    }
}

static void send_out(struct member *member) {
    struct peer *peer = &member->peer;
    if (peer->out_length == 0) return;
    ssize_t sent = send(peer->fd, peer->out, peer->out_length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return try_again(member);
    if (sent > 0) {
        peer->out_length -= sent;
        memmove(peer->out, peer->out + sent, peer->out_length);
    }
    struct epoll_event event = {.events = EPOLLIN | (peer->out_length > 0 ? EPOLLOUT : 0), .data.ptr = member};
    epoll_ctl(poll_set, EPOLL_CTL_MOD, peer->fd, &event);
}

static void receive(struct member *member) {
    struct peer *peer = &member->peer;
    /* One buffer for everyone; an unfinished message is kept with its member. */
    static unsigned char shared[SHARED_BYTES];
    if (peer->in_length > SHARED_BYTES - READ_BYTES) broken(peer, "a message without end", shared, 0);
    ssize_t size = recv(peer->fd, shared + peer->in_length, READ_BYTES, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return try_again(member);
    now = clock_now();
    memcpy(shared, peer->in_bytes, peer->in_length);
    peer->in_length += size;
    size_t used = take_frames(peer, shared, peer->in_length, opened, message);
    peer->in_length -= used;
    if (peer->in_length > peer->in_size) {
        peer->in_size = 2 * peer->in_length;
        peer->in_bytes = realloc(peer->in_bytes, peer->in_size);
        if (peer->in_bytes == NULL) fail("no memory left");
    }
    memcpy(peer->in_bytes, shared + used, peer->in_length);
    send_out(member);
}

static void leave(void) {
    for (int i = 0; i < member_count; i++) close(members[i]->peer.fd);
    in_count = 0;
}

/* Everything that is ready. Whether a signal has come. */
static bool turn(int signals, int patience_ms) {
    struct epoll_event events[256];
    int count = epoll_wait(poll_set, events, 256, patience_ms);
    bool is_told = false;
    now = clock_now();
    for (int i = 0; i < count; i++) {
        struct member *member = events[i].data.ptr;
        struct signalfd_siginfo said;
        if (member == NULL) {
            is_told = read(signals, &said, sizeof said) == sizeof said;
            continue;
        }
        if (member->peer.fd < 0) continue; /* closed in this turn */
        if (events[i].events & EPOLLOUT) send_out(member);
        if (member->peer.fd >= 0 && events[i].events & ~EPOLLOUT) receive(member);
    }
    if (retries > 0)
        for (int i = 0; i < started; i++)
            if (members[i]->retry_at != 0 && members[i]->retry_at <= now) connect_member(members[i]);
    return is_told;
}

static void say(const char *what) {
    printf("%s\n", what);
    fflush(stdout);
}

/* All connect; who has an answer meanwhile goes on, as if each had a machine of its own. */
static void come_back(int signals) {
    is_coming_back = true;
    back_at = clock_now();
    for (int i = 0; i < member_count; i++) {
        connect_member(members[i]);
        send_out(members[i]); /* the kernel has let it in already, whatever the server does */
        if (i % 8 == 7) turn(signals, 0);
    }
}

static void report(void) {
    printf("{\"clients\":%d,\"retries\":%llu,\"welcome_bytes\":%llu,\"back_after\":", member_count,
           (unsigned long long)retries, (unsigned long long)welcome_bytes);
    print_histogram(&back_after);
    printf("}\n");
    fflush(stdout);
}

static int open_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll_set, EPOLL_CTL_ADD, signals, &event);
    return signals;
}

int main(int count, char **arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it doesn't outlive who started it */
    if (count != 5) fail("it needs a port, a room, an item and how many clients");
    port = atoi(arguments[1]), room = arguments[2], item = arguments[3], member_count = atoi(arguments[4]);
    members = calloc(member_count, sizeof *members);
    poll_set = epoll_create1(0);
    int signals = open_signals();
    for (; bid_count < member_count; turn(signals, PATIENCE_MS))
        for (; started < member_count && started - bid_count < AT_ONCE; started++) {
            members[started] = calloc(1, sizeof *members[started]);
            members[started]->peer.number = started, members[started]->peer.bids = true;
            connect_member(members[started]);
        }
    for (int i = 0; i < member_count; i++)
        if (members[i]->peer.fd >= 0) close(members[i]->peer.fd);
    for (int again = 0; in_count < member_count; turn(signals, PATIENCE_MS))
        for (; again < member_count && again - in_count < AT_ONCE; again++) connect_member(members[again]);
    if (retries > 0) fail("%llu were turned away although few came at a time", (unsigned long long)retries);
    say("in");
    while (!turn(signals, PATIENCE_MS)) continue;
    leave();
    say("out");
    while (!turn(signals, PATIENCE_MS)) continue;
    come_back(signals);
    while (in_count < member_count) turn(signals, PATIENCE_MS);
    report();
    for (;;) turn(signals, PATIENCE_MS);
}
