/* What every program that speaks a protocol has: see speak.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "speak.h"

uint64_t clock_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

void fail(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, list);
    fprintf(stderr, "\n");
    exit(1);
}

void broken(struct peer *peer, const char *what, const unsigned char *bytes, size_t length) {
    char shown[300];
    size_t n = length < sizeof shown - 1 ? length : sizeof shown - 1;
    for (size_t i = 0; i < n; i++) shown[i] = bytes[i] >= 32 && bytes[i] < 127 ? bytes[i] : ' ';
    shown[n] = 0;
    fail("%s %d: %s: %s", peer->bids ? "bidder" : "listener", peer->number, what, shown);
}

uint64_t count_of(const unsigned char *bytes, size_t length, const char *what) {
    uint64_t count = 0;
    size_t size = strlen(what);
    const unsigned char *limit = bytes + length;
    while ((bytes = memmem(bytes, limit - bytes, what, size)) != NULL) count++, bytes += size;
    return count;
}

uint64_t last_number(const unsigned char *bytes, size_t length, const char *what) {
    size_t size = strlen(what);
    for (size_t place = length; place-- > size;) {
        if (bytes[place - 1] != (unsigned char)what[size - 1] || memcmp(bytes + place - size, what, size) != 0) continue;
        uint64_t number = 0;
        while (place < length && bytes[place] >= '0' && bytes[place] <= '9') number = number * 10 + (bytes[place++] - '0');
        return number;
    }
    return 0;
}

void put(struct peer *peer, const void *bytes, size_t length) {
    if (peer->out_length + length > OUT_BYTES) fail("more waits to be sent than there is room for");
    memcpy(peer->out + peer->out_length, bytes, length);
    peer->out_length += length;
}

void put_format(struct peer *peer, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put(peer, text, length);
}
