/* The load generator: many bidders from one process and one thread, so that the amounts of all of them rise together.
 *
 * Closed loop: every bidder has one bid on the way and sends the next as soon as it is answered, or after --think
 * seconds; that finds a server's capacity. Open loop (--rate): bids leave at a fixed rate, whether answers come or not,
 * and a bid's latency counts from the moment at which it was to leave; so a server that stalls can't hide it by slowing
 * its clients down (coordinated omission). A second histogram tells how late this program itself was.
 *
 * With --watch the listeners are an audience whose hearing is measured (ledger.h): every message is looked at, and the
 * third histogram counts from the moment at which a bid was to leave until the last listener has heard of it. With
 * --in-flight so many bids are on the way to that audience, and the next leaves when one has been heard by everyone.
 * With --apart, too, only when somebody has heard of the one before: two bids never arrive together, so a server that
 * joins what is there already still tells each by itself.
 * Some listeners may stop reading (--stalled), nobody may bid (--bidders 0), and the audience may be with another server
 * than the bidders (--watch-port and --watch-protocol).
 *
 * With --rooms the bidders are spread over so many rooms, from number --first-room on. SIGUSR1 ends the measured time
 * before its --seconds are over.
 *
 * It says "measuring" and "measured" on its standard output around the measured time, then prints one JSON object.
 * Whatever a server says that a fair run can't have (an error, a lost connection, an answer out of order) ends it with
 * status 1 and one line on standard error. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "ledger.h"
#include "speak.h"

#define READ_BYTES (256 * 1024)
#define SHARED_BYTES (16 * READ_BYTES)
#define STALLED_BUFFER 4096
#define DRAIN (3 * SECOND) /* how long it waits for what is still unanswered or untold at the end */

static const struct protocol *const PROTOCOLS[] = {&lines, &websocket, &redis, &postgres, &nchan, &nats};

struct options options = {.item = "lamp", .names = "bidder", .script = "", .statement = "", .update = ""};

static struct {
    const struct protocol *protocol, *watch_protocol;
    int port, watch_port, bidders, listeners, stalled, in_flight, segment;
    bool bidders_hear, every, watch, apart;
    double warmup, seconds, rate, think;
} plan = {.protocol = &lines, .bidders = 200, .listeners = 1, .warmup = 1, .seconds = 3};

static struct peer **peers; /* the bidders, then the listeners */
static int peer_count, in_count, poll_set;
static struct peer **thinkers; /* a ring, by when they will bid again */
static uint64_t thinkers_begin, thinkers_end;
static uint64_t now, begin, end, amount, answers, asks, accepted_ever;
static uint64_t outcomes[OUTCOMES]; /* of the measured time, like the histograms */
static struct histogram accepted_after, refused_after, lateness, heard_after;
static uint64_t deliveries, absorbed; /* messages to the audience, and bids that all of it heard, in the measured time */
static uint64_t states, message_bytes, messages; /* ever */
static enum { ENTERING, BIDDING, DRAINING } phase;
static volatile sig_atomic_t is_enough; /* the measured time is to end now */

static const struct protocol *protocol_of(const struct peer *peer) {
    return peer->bids ? plan.protocol : plan.watch_protocol;
}

static void watch_for(struct peer *peer, bool sending) {
    struct epoll_event event = {.events = EPOLLIN | (sending ? EPOLLOUT : 0), .data.ptr = peer};
    if (epoll_ctl(poll_set, EPOLL_CTL_MOD, peer->fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
    peer->waits_to_send = sending;
}

static void send_out(struct peer *peer) {
    if (peer->out_length == 0) return;
    ssize_t sent = send(peer->fd, peer->out, peer->out_length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) fail("%d: send: %s", peer->number, strerror(errno));
    if (sent > 0) {
        peer->out_length -= sent;
        memmove(peer->out, peer->out + sent, peer->out_length);
    }
    if ((peer->out_length > 0) != peer->waits_to_send) watch_for(peer, peer->out_length > 0);
}

static void ask(struct peer *peer, uint64_t intended) {
    uint64_t id = ++peer->asked;
    asks++;
    amount++;
    note_asked(amount, intended);
    if (plan.protocol->most_unanswered > 0) {
        peer->since[id % MOST_UNANSWERED] = intended;
        peer->amounts[id % MOST_UNANSWERED] = amount;
        peer->unanswered++;
    } else {
        note_decided(amount, true);
        accepted_ever++;
        if (intended >= begin && intended < end) outcomes[ACCEPTED]++;
    }
    plan.protocol->ask(peer, amount, id);
}

void came_in(struct peer *peer) {
    if (peer->in) broken(peer, "came in twice", (const unsigned char *)"", 0);
    peer->in = true;
    in_count++;
}

/* Closed loop: what is answered in the measured time counts. Open loop: what was to be sent in it. */
static bool counts(uint64_t since) {
    uint64_t when = plan.rate > 0 ? since : now;
    return when >= begin && when < end;
}

void answered(struct peer *peer, uint64_t id, enum outcome outcome) {
    uint64_t oldest = peer->asked - peer->unanswered + 1;
    if (peer->unanswered == 0 || (id != 0 && id != oldest)) fail("bidder %d: answer to %llu, not to %llu",
        peer->number, (unsigned long long)id, (unsigned long long)oldest);
    uint64_t since = peer->since[oldest % MOST_UNANSWERED];
    peer->unanswered--;
    answers++;
    if (outcome == ACCEPTED) accepted_ever++;
    note_decided(peer->amounts[oldest % MOST_UNANSWERED], outcome == ACCEPTED);
    if (counts(since)) {
        outcomes[outcome]++;
        record(outcome == ACCEPTED ? &accepted_after : &refused_after, now > since ? now - since : 0);
    }
    if (phase != BIDDING || plan.rate > 0 || plan.in_flight > 0) return;
    if (plan.think == 0) {
        ask(peer, now);
    } else {
        peer->ready_at = now + (uint64_t)(plan.think * SECOND);
        thinkers[thinkers_end++ % plan.bidders] = peer;
    }
}

void everyone_heard(uint64_t intended, uint64_t when) {
    if (when >= begin && when < end) absorbed++;
    if (plan.rate > 0 ? intended >= begin && intended < end : when >= begin && when < end)
        record(&heard_after, when - intended);
}

void heard(struct peer *peer, uint64_t amount) {
    messages++;
    if (now >= begin && now < end) deliveries++;
    if (amount > 0) peer->next_update = note_heard(peer->next_update, amount, now);
}

void passed_over(struct peer *peer, uint64_t amount) {
    if (!peer->watched) return;
    states++;
    if (amount > 0) peer->next_update = note_heard(peer->next_update, amount, now);
}

/* The next bidder in turn who may bid; NULL: everyone waits for answers. */
static struct peer *free_bidder(void) {
    static int next;
    int most = plan.protocol->most_unanswered;
    for (int i = 0; i < plan.bidders; i++) {
        struct peer *candidate = peers[next++ % plan.bidders];
        if (most == 0 || candidate->unanswered < most) return candidate;
    }
    return NULL;
}

/* Keep as many bids on the way to the audience as there are to be. */
static void send_replacements(void) {
    struct peer *peer;
    while (ledger.on_the_way < (uint64_t)plan.in_flight && !(plan.apart && asks > 0 && latest_known() < amount) &&
           (peer = free_bidder()) != NULL) {
        ask(peer, now);
        send_out(peer);
    }
}

/* Closed loop: let those bid who have thought long enough; gives when the next one will have. */
static uint64_t send_thought(uint64_t otherwise) {
    while (thinkers_begin < thinkers_end) {
        struct peer *peer = thinkers[thinkers_begin % plan.bidders];
        if (peer->ready_at > now) return peer->ready_at < otherwise ? peer->ready_at : otherwise;
        thinkers_begin++;
        ask(peer, now);
        send_out(peer);
    }
    return otherwise;
}

void told(struct peer *peer, uint64_t bids) { peer->heard += bids; }

static void receive(struct peer *peer) {
    if (!peer->bids && peer->number > 0 && peer->in && !peer->watched) { /* only the first listener is read: the others are an audience */
        ssize_t size = recv(peer->fd, NULL, READ_BYTES, MSG_TRUNC); /* TCP: takes the bytes without copying them */
        if (size == 0) broken(peer, "the server closed the connection", (const unsigned char *)"", 0);
        if (size > 0) peer->heard_bytes += size;
        return;
    }
    /* One buffer for everyone, so that it stays in the processor's cache; an unfinished message is kept with its peer. */
    static unsigned char shared[SHARED_BYTES];
    if (peer->in_length > SHARED_BYTES - READ_BYTES) broken(peer, "a message without end", shared, 0);
    ssize_t size = recv(peer->fd, shared + peer->in_length, READ_BYTES, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0) fail("%d: recv: %s", peer->number, strerror(errno));
    if (size == 0) broken(peer, "the server closed the connection", (const unsigned char *)"", 0);
    now = clock_now();
    peer->heard_bytes += size;
    if (peer->watched && phase != ENTERING) message_bytes += size;
    memcpy(shared, peer->in_bytes, peer->in_length);
    peer->in_length += size;
    size_t used = protocol_of(peer)->take(peer, shared, peer->in_length);
    peer->in_length -= used;
    if (peer->in_length > peer->in_size) {
        peer->in_size = 2 * peer->in_length;
        peer->in_bytes = realloc(peer->in_bytes, peer->in_size);
        if (peer->in_bytes == NULL) fail("no memory left");
    }
    memcpy(peer->in_bytes, shared + used, peer->in_length);
    send_out(peer);
}

/* Everything that is ready; waits for it until `until`, in nanoseconds where the kernel can. */
static void turn(uint64_t until) {
    struct epoll_event events[256];
    static bool precise = true;
    int count;
    now = clock_now();
    uint64_t left = until > now ? until - now : 0;
    if (precise) {
        struct timespec wait = {.tv_sec = left / SECOND, .tv_nsec = left % SECOND};
        count = syscall(SYS_epoll_pwait2, poll_set, events, 256, &wait, NULL, 0);
        if (count < 0 && errno == ENOSYS) precise = false, count = 0;
    } else {
        count = epoll_wait(poll_set, events, 256, left / 1000000);
    }
    if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        struct peer *peer = events[i].data.ptr;
        if (events[i].events & EPOLLOUT) send_out(peer);
        if (events[i].events & ~EPOLLOUT) receive(peer);
    }
    now = clock_now();
}

/* As over an Ethernet, where a server's kernel takes much less for a slow reader than it does on the loopback. */
static void set_segment(struct peer *peer) {
    int small = STALLED_BUFFER;
    if (plan.segment > 0) setsockopt(peer->fd, IPPROTO_TCP, TCP_MAXSEG, &plan.segment, sizeof plan.segment);
    if (peer->stalled) setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
}

static void stop_reading(void) {
    for (int i = plan.bidders; i < peer_count; i++)
        if (peers[i]->stalled && epoll_ctl(poll_set, EPOLL_CTL_DEL, peers[i]->fd, NULL) != 0)
            fail("epoll_ctl: %s", strerror(errno));
}

static void enter(void) {
    peer_count = plan.bidders + plan.listeners;
    peers = calloc(peer_count, sizeof *peers);
    thinkers = calloc(plan.bidders + 1, sizeof *thinkers);
    poll_set = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(plan.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (plan.watch) open_ledger(plan.listeners - plan.stalled, amount);
    uint64_t deadline = clock_now() + 30 * SECOND;
    /* The listeners first: they are to hear of every bid. */
    for (int i = peer_count - 1; i >= 0; i--) {
        struct peer *peer = peers[i] = calloc(1, sizeof *peer);
        peer->bids = i < plan.bidders;
        peer->number = peer->bids ? i : i - plan.bidders;
        peer->hears = !peer->bids || plan.bidders_hear;
        peer->every = plan.every || (!peer->bids && !plan.watch);
        peer->watched = !peer->bids && plan.watch;
        peer->stalled = i >= peer_count - plan.stalled;
        peer->fd = socket(AF_INET, SOCK_STREAM, 0);
        address.sin_port = htons(peer->bids ? plan.port : plan.watch_port);
        set_segment(peer);
        int yes = 1;
        setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) != 0)
            fail("port %d: %s", plan.port, strerror(errno));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
        epoll_ctl(poll_set, EPOLL_CTL_ADD, peer->fd, &event);
        protocol_of(peer)->greet(peer);
        send_out(peer);
        while (in_count < peer_count - i) { /* one by one: a busy server is not flooded */
            turn(deadline);
            if (now >= deadline) fail("not everyone was let in within 30 seconds");
        }
    }
}

static uint64_t cpu_used(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * SECOND +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000ull;
}

/* Open loop: send what was to be sent by now; gives when the next one is to be sent. */
static uint64_t send_due(uint64_t first, uint64_t *sent) {
    static uint64_t held_up; /* until then, nobody was free to send: that is not this program's lateness */
    for (;;) {
        uint64_t intended = first + (uint64_t)((double)*sent * SECOND / plan.rate);
        if (intended > now || intended >= end) return intended;
        struct peer *peer = free_bidder();
        if (peer == NULL) {
            held_up = now;
            return now + SECOND / 1000; /* everyone waits for answers; this bid's clock runs on */
        }
        ask(peer, intended);
        send_out(peer);
        ++*sent;
        if (intended >= begin && intended > held_up) record(&lateness, now - intended);
    }
}

static void say(const char *what) {
    printf("%s\n", what);
    fflush(stdout);
}

static uint64_t unanswered(void) {
    uint64_t count = 0;
    for (int i = 0; i < plan.bidders; i++) count += peers[i]->unanswered;
    return count;
}

/* How many of the audience have not heard everything, although there was time. */
static int behind(void) {
    int count = 0;
    for (int i = plan.bidders; i < peer_count; i++)
        count += peers[i]->watched && !peers[i]->stalled && peers[i]->next_update < updates_known();
    return count;
}

static void count_unheard(uint64_t intended) {
    if (plan.rate > 0 && intended >= begin && intended < end) record(&heard_after, now - intended);
}

static bool is_all_told(void) {
    if (plan.watch) return ledger.on_the_way == 0 && behind() == 0;
    return plan.listeners == 0 || peers[plan.bidders]->heard >= accepted_ever;
}

static void report(uint64_t cpu, uint64_t elapsed) {
    uint64_t heard_bytes = 0, batches = 0;
    for (int i = 0; i < peer_count; i++) heard_bytes += peers[i]->heard_bytes;
    for (int i = 0; i < plan.bidders; i++) batches += peers[i]->heard;
    printf("{\"protocol\":\"%s\",\"bidders\":%d,\"listeners\":%d,\"rate\":%.1f,\"seconds\":%.6f", plan.protocol->name,
           plan.bidders, plan.listeners, plan.rate, elapsed / 1e9);
    printf(",\"accepted\":%llu,\"too_low\":%llu,\"leading\":%llu", (unsigned long long)outcomes[ACCEPTED],
           (unsigned long long)outcomes[TOO_LOW], (unsigned long long)outcomes[LEADING]);
    printf(",\"asked_ever\":%llu,\"accepted_ever\":%llu,\"unanswered\":%llu", (unsigned long long)asks,
           (unsigned long long)accepted_ever, (unsigned long long)unanswered());
    printf(",\"heard_ever\":%llu,\"updates_to_bidders\":%llu,\"bytes_ever\":%llu,\"load_cpu_s\":%.6f",
           (unsigned long long)(plan.listeners ? peers[plan.bidders]->heard : 0), (unsigned long long)batches,
           (unsigned long long)heard_bytes, cpu / 1e9);
    printf(",\"deliveries\":%llu,\"absorbed\":%llu,\"states_ever\":%llu,\"behind\":%d,\"message_bytes\":%.1f",
           (unsigned long long)deliveries, (unsigned long long)absorbed, (unsigned long long)states, behind(),
           messages ? (double)message_bytes / messages : 0);
    printf(",\"updates_ever\":%llu", (unsigned long long)ledger.updates);
    printf(",\"heard_after\":");
    print_histogram(&heard_after);
    printf(",\"accepted_after\":");
    print_histogram(&accepted_after);
    printf(",\"refused_after\":");
    print_histogram(&refused_after);
    printf(",\"lateness\":");
    print_histogram(&lateness);
    printf("}\n");
}

static void run(void) {
    enter();
    uint64_t first = clock_now(), sent = 0;
    begin = first + (uint64_t)(plan.warmup * SECOND);
    end = begin + (uint64_t)(plan.seconds * SECOND);
    phase = BIDDING;
    now = first;
    stop_reading();
    if (plan.rate == 0 && plan.in_flight == 0)
        for (int i = 0; i < plan.bidders; i++) {
            ask(peers[i], now);
            send_out(peers[i]);
        }
    uint64_t cpu = 0, began = 0;
    while (now < end) {
        if (began == 0 && now >= begin) {
            say("measuring");
            cpu = cpu_used();
            began = now;
        }
        uint64_t until = began == 0 ? begin : end;
        if (plan.rate > 0) {
            uint64_t next = send_due(first, &sent);
            if (next < until) until = next;
        } else if (plan.in_flight > 0) {
            send_replacements();
        } else {
            until = send_thought(until);
        }
        turn(until);
        if (is_enough && began != 0 && now < end) end = now;
    }
    cpu = cpu_used() - cpu;
    uint64_t elapsed = now - began, deadline = now + DRAIN;
    say("measured");
    phase = DRAINING;
    while (now < deadline && (unanswered() > 0 || !is_all_told())) turn(now + SECOND / 100);
    for (int i = 0; i < plan.bidders; i++) /* what was never answered has at least waited until now */
        for (int k = 0; k < peers[i]->unanswered; k++) {
            uint64_t since = peers[i]->since[(peers[i]->asked - k) % MOST_UNANSWERED];
            if (counts(since)) record(&accepted_after, now - since);
        }
    each_unheard(count_unheard);
    report(cpu, elapsed);
}

static const struct option OPTIONS[] = {
    {"protocol", required_argument, NULL, 'p'}, {"port", required_argument, NULL, 'P'},
    {"bidders", required_argument, NULL, 'b'},  {"listeners", required_argument, NULL, 'l'},
    {"think", required_argument, NULL, 't'},    {"bidders-hear", no_argument, NULL, 'h'},
    {"every", no_argument, NULL, 'e'},
    {"warmup", required_argument, NULL, 'w'},   {"seconds", required_argument, NULL, 's'},
    {"rate", required_argument, NULL, 'r'},     {"item", required_argument, NULL, 'i'},
    {"script", required_argument, NULL, 'S'},   {"statement", required_argument, NULL, 'q'},
    {"items", required_argument, NULL, 'n'},    {"rooms", required_argument, NULL, 'R'},
    {"first-room", required_argument, NULL, 'F'}, {"names", required_argument, NULL, 'N'},
    {"watch", no_argument, NULL, 'W'},          {"in-flight", required_argument, NULL, 'f'},
    {"apart", no_argument, NULL, 'A'},
    {"watch-port", required_argument, NULL, 'o'}, {"watch-protocol", required_argument, NULL, 'O'},
    {"stalled", required_argument, NULL, 'x'},  {"segment", required_argument, NULL, 'g'},
    {"update", required_argument, NULL, 'u'},   {"first-amount", required_argument, NULL, 'a'},
    {NULL, 0, NULL, 0}};

static const struct protocol *find_protocol(const char *name) {
    for (size_t i = 0; i < sizeof PROTOCOLS / sizeof *PROTOCOLS; i++)
        if (strcmp(PROTOCOLS[i]->name, name) == 0) return PROTOCOLS[i];
    fail("no such protocol: %s", name);
}

static void read_options(int count, char **arguments) {
    for (int option; (option = getopt_long(count, arguments, "", OPTIONS, NULL)) != -1;) switch (option) {
            case 'p': plan.protocol = find_protocol(optarg); break;
            case 'P': plan.port = atoi(optarg); break;
            case 'b': plan.bidders = atoi(optarg); break;
            case 'l': plan.listeners = atoi(optarg); break;
            case 'h': plan.bidders_hear = true; break;
            case 't': plan.think = atof(optarg); break;
            case 'e': plan.every = true; break;
            case 'w': plan.warmup = atof(optarg); break;
            case 's': plan.seconds = atof(optarg); break;
            case 'r': plan.rate = atof(optarg); break;
            case 'i': options.item = optarg; break;
            case 'n': options.items = atoi(optarg); break;
            case 'R': options.rooms = atoi(optarg); break;
            case 'F': options.first_room = atoi(optarg); break;
            case 'N': options.names = optarg; break;
            case 'S': options.script = optarg; break;
            case 'W': plan.watch = true; break;
            case 'f': plan.in_flight = atoi(optarg); break;
            case 'A': plan.apart = true; break;
            case 'o': plan.watch_port = atoi(optarg); break;
            case 'O': plan.watch_protocol = find_protocol(optarg); break;
            case 'x': plan.stalled = atoi(optarg); break;
            case 'g': plan.segment = atoi(optarg); break;
            case 'u': options.update = optarg; break;
            case 'a': amount = atoll(optarg); break;
            case 'q': options.statement = optarg; break;
            default: exit(2);
        }
    if (plan.port == 0 || plan.bidders + plan.listeners < 1 || plan.seconds <= 0)
        fail("it needs a --port, bidders or listeners, and seconds");
    if (plan.stalled > 0 && (!plan.watch || plan.stalled >= plan.listeners)) fail("not all may be stalled, and --watch");
    if (plan.in_flight > 0 && (!plan.watch || plan.bidders < 2)) fail("--in-flight needs --watch and two bidders");
    if (plan.watch_port == 0) plan.watch_port = plan.port;
    if (plan.watch_protocol == NULL) plan.watch_protocol = plan.protocol;
}

static void enough(int number) {
    (void)number;
    is_enough = 1;
}

int main(int count, char **arguments) {
    signal(SIGUSR1, enough);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  /* it doesn't outlive who started it */
    prctl(PR_SET_TIMERSLACK, 1);       /* an open loop is only as even as the timer */
    read_options(count, arguments);
    run();
    return 0;
}
