/* Redis' protocol (RESP2): one EVALSHA a bid; a listener subscribes to the channel. The script (servers/redis_bid.lua)
 * answers {1, id, place in the stream} or {0, id, reason, minimum}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "speak.h"

static void greet(struct peer *peer) {
    if (peer->bids)
        put_format(peer, "*1\r\n$4\r\nPING\r\n");
    else
        put_format(peer, "*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nbids\r\n");
}

static void ask(struct peer *peer, uint64_t amount, uint64_t id) {
    char bidder[24], price[24], number[24];
    int a = snprintf(bidder, sizeof bidder, "bidder-%d", peer->number);
    int b = snprintf(price, sizeof price, "%llu", (unsigned long long)amount);
    int c = snprintf(number, sizeof number, "%llu", (unsigned long long)id);
    char text[512];
    int length = snprintf(text, sizeof text,
                          "*10\r\n$7\r\nEVALSHA\r\n$40\r\n%s\r\n$1\r\n3\r\n$4\r\nitem\r\n$6\r\nrecord\r\n$3\r\nids\r\n"
                          "$%d\r\n%s\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n$1\r\n1\r\n",
                          options.script, a, bidder, b, price, c, number);
    put(peer, text, length);
}

/* The length of the value that begins here, 0 where it is not complete. */
static size_t value(const unsigned char *bytes, size_t length) {
    const unsigned char *end = length ? memchr(bytes, '\n', length) : NULL;
    if (end == NULL) return 0;
    size_t used = end - bytes + 1;
    long number = strtol((const char *)bytes + 1, NULL, 10);
    if (bytes[0] == '$') {
        if (number < 0) return used;
        return used + number + 2 <= length ? used + number + 2 : 0;
    }
    if (bytes[0] == '*')
        for (; number > 0; number--) {
            size_t one = value(bytes + used, length - used);
            if (one == 0) return 0;
            used += one;
        }
    return used;
}

static void one(struct peer *peer, const unsigned char *bytes, size_t length) {
    if (length > 8 && memcmp(bytes, "*3\r\n:1\r\n", 8) == 0) {
        answered(peer, strtoull((const char *)bytes + 9, NULL, 10), ACCEPTED);
    } else if (length > 8 && memcmp(bytes, "*4\r\n:0\r\n", 8) == 0) {
        bool is_low = count_of(bytes, length, "\r\ntoo_low\r\n"), leads = count_of(bytes, length, "\r\nleading\r\n");
        if (!is_low && !leads) broken(peer, "refused", bytes, length);
        answered(peer, strtoull((const char *)bytes + 9, NULL, 10), is_low ? TOO_LOW : LEADING);
    } else if (length > 17 && memcmp(bytes, "*3\r\n$7\r\nmessage\r\n", 17) == 0) {
        told(peer, 1);
    } else if (!peer->in && (bytes[0] == '+' || bytes[0] == '*')) {
        came_in(peer);
    } else {
        broken(peer, "unexpected answer", bytes, length);
    }
}

static size_t take(struct peer *peer, unsigned char *bytes, size_t length) {
    size_t used = 0, size;
    while ((size = value(bytes + used, length - used)) != 0) {
        one(peer, bytes + used, size);
        used += size;
    }
    return used;
}

const struct protocol redis = {"redis", MOST_UNANSWERED, greet, ask, take};
