/* Bidroom's own protocol (docs/protocol.md), as JSON lines and over a WebSocket.
 *
 * The server's messages are told apart by their first bytes: `type` always comes first, and `id` next in answers. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "speak.h"
#include "websocket.h"

#define STARTS(what) (length >= sizeof(what) - 1 && memcmp(bytes, what, sizeof(what) - 1) == 0)

static uint64_t id_behind(const unsigned char *bytes, size_t length, size_t place) {
    uint64_t id = 0;
    while (place < length && bytes[place] >= '0' && bytes[place] <= '9') id = id * 10 + (bytes[place++] - '0');
    return id;
}

static void message(struct peer *peer, const unsigned char *bytes, size_t length) {
    static const char accepted[] = "{\"type\":\"accepted\",\"id\":", refused[] = "{\"type\":\"refused\",\"id\":";
    if (STARTS(accepted)) {
        answered(peer, id_behind(bytes, length, sizeof accepted - 1), ACCEPTED);
    } else if (STARTS("{\"type\":\"update\"") || STARTS("{\"type\":\"bid_accepted\"")) {
        if (peer->watched)
            heard(peer, last_number(bytes, length, "\"amount\":"));
        else if (peer->bids)
            told(peer, 1); /* a bidder counts updates: looking into each would only cost the load its time */
        else
            told(peer, count_of(bytes, length, "\"type\":\"bid_accepted\""));
    } else if (STARTS("{\"type\":\"state\"")) {
        passed_over(peer, last_number(bytes, length, "\"price\":"));
    } else if (STARTS("{\"type\":\"sales\"")) { /* comes with a state */
    } else if (STARTS(refused)) {
        enum outcome outcome = OTHERWISE;
        if (memmem(bytes, length, "\"reason\":\"too_low\"", 18) != NULL) outcome = TOO_LOW;
        if (memmem(bytes, length, "\"reason\":\"leading\"", 18) != NULL) outcome = LEADING;
        if (outcome == OTHERWISE) broken(peer, "refused", bytes, length);
        answered(peer, id_behind(bytes, length, sizeof refused - 1), outcome);
    } else if (STARTS("{\"type\":\"welcome\"")) {
        came_in(peer);
    } else {
        broken(peer, "unexpected message", bytes, length);
    }
}

static const char *entry(struct peer *peer) {
    static char text[256];
    char room[40] = "";
    if (options.rooms > 0)
        snprintf(room, sizeof room, ",\"room\":\"room-%d\"", options.first_room + peer->number % options.rooms);
    if (!peer->bids)
        snprintf(text, sizeof text, "{\"type\":\"watch\",\"events\":\"%s\"%s}", peer->every ? "all" : "latest", room);
    else
        snprintf(text, sizeof text, "{\"type\":\"join\",\"name\":\"%s-%d\",\"events\":\"%s\"%s}", options.names,
                 peer->number, !peer->hears ? "none" : peer->every ? "all" : "latest", room);
    return text;
}

static int bid(char *text, size_t size, uint64_t amount, uint64_t id) {
    char item[64];
    if (options.items > 1)
        snprintf(item, sizeof item, "%s-%d", options.item, (int)(amount % options.items));
    else
        snprintf(item, sizeof item, "%s", options.item);
    return snprintf(text, size, "{\"type\":\"bid\",\"item\":\"%s\",\"amount\":%llu,\"id\":%llu,\"unit\":1}", item,
                    (unsigned long long)amount, (unsigned long long)id);
}

/* JSON lines */

static void greet_lines(struct peer *peer) { put_format(peer, "%s\n", entry(peer)); }

static void ask_line(struct peer *peer, uint64_t amount, uint64_t id) {
    char text[256];
    int length = bid(text, sizeof text - 1, amount, id);
    text[length++] = '\n';
    put(peer, text, length);
}

static size_t take_lines(struct peer *peer, unsigned char *bytes, size_t length) {
    size_t used = 0;
    for (;;) {
        unsigned char *end = memchr(bytes + used, '\n', length - used);
        if (end == NULL) return used;
        message(peer, bytes + used, end - (bytes + used));
        used = end - bytes + 1;
    }
}

const struct protocol lines = {"lines", MOST_UNANSWERED, greet_lines, ask_line, take_lines};

/* WebSocket */

static void greet_websocket(struct peer *peer) { put_upgrade(peer, "/ws"); }

static void ask_frame(struct peer *peer, uint64_t amount, uint64_t id) {
    char text[256];
    put_frame(peer, 1, text, bid(text, sizeof text, amount, id));
}

static void opened(struct peer *peer) {
    const char *text = entry(peer);
    put_frame(peer, 1, text, strlen(text));
}

static size_t take_messages(struct peer *peer, unsigned char *bytes, size_t length) {
    return take_frames(peer, bytes, length, opened, message);
}

const struct protocol websocket = {"websocket", MOST_UNANSWERED, greet_websocket, ask_frame, take_messages};
