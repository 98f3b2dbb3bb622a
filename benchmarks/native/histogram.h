/* Latencies, counted in buckets that grow with what they count, in the manner of HdrHistogram.
 *
 * Below 128 ns each value has a bucket of its own. Above, every power of two is cut into 128 buckets of equal width, so
 * a bucket is at most 1/128 (0.8 %) of its value wide, from nanoseconds to centuries, in 58 x 128 counters.
 * benchmarks/histogram.py reads them. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#define SUB_BITS 7
#define SUB_BUCKETS (1 << SUB_BITS)
#define BUCKETS ((64 - SUB_BITS + 1) * SUB_BUCKETS)

struct histogram {
    uint64_t counts[BUCKETS];
    uint64_t total, greatest;
};

static inline int bucket_of(uint64_t value) {
    if (value < SUB_BUCKETS) return (int)value;
    int shift = 63 - __builtin_clzll(value) - SUB_BITS;
    return (shift + 1) * SUB_BUCKETS + (int)((value >> shift) - SUB_BUCKETS);
}

static inline void record(struct histogram *histogram, uint64_t value) {
    histogram->counts[bucket_of(value)]++;
    histogram->total++;
    if (value > histogram->greatest) histogram->greatest = value;
}

static inline void print_histogram(const struct histogram *histogram) {
    const char *comma = "";
    printf("{\"greatest\":%llu,\"counts\":[", (unsigned long long)histogram->greatest);
    for (int i = 0; i < BUCKETS; i++)
        if (histogram->counts[i]) {
            printf("%s[%d,%llu]", comma, i, (unsigned long long)histogram->counts[i]);
            comma = ",";
        }
    printf("]}");
}

#endif
