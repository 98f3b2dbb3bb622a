"""Latencies as the native load generator counts them (native/histogram.h): read, added up, asked for percentiles.

Below 128 ns a bucket is one value; above, each power of two is cut into 128 buckets, so a percentile is exact to 0.8 %.
"""

from collections.abc import Iterable

from msgspec import Struct

_SUB_BUCKETS = 128


class Histogram(Struct, frozen=True):
    """How many values fell into which bucket, and the greatest of all values (nanoseconds)."""

    greatest: int
    counts: list[tuple[int, int]]

    @property
    def total(self) -> int:
        """How many values there are."""
        return sum(count for _, count in self.counts)

    def percentile(self, share: float) -> float:
        """The value (ms) that this share, in percent, of all values don't exceed; 0 where there are none."""
        rank, seen = self.total * share / 100, 0
        for bucket, count in self.counts:
            seen += count
            if seen >= rank:
                return min(upper_bound(bucket), self.greatest) / 1e6
        return self.greatest / 1e6


def upper_bound(bucket: int) -> int:
    """The greatest value (ns) that falls into a bucket."""
    power, place = divmod(bucket, _SUB_BUCKETS)
    if power == 0:
        return place
    return ((_SUB_BUCKETS + place + 1) << (power - 1)) - 1


def add_up(histograms: Iterable[Histogram]) -> Histogram:
    """One histogram of the values of all."""
    greatest, counts = 0, dict[int, int]()
    for histogram in histograms:
        greatest = max(greatest, histogram.greatest)
        for bucket, count in histogram.counts:
            counts[bucket] = counts.get(bucket, 0) + count
    return Histogram(greatest, sorted(counts.items()))
