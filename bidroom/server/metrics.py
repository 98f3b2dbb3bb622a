"""What an operator watches. Counted once a batch, never once a bidder."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class Metrics:
    """The figures of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.accepted = Counter("bidroom_bids_accepted", "Bids accepted", registry=self._registry)
        self.refused = Counter("bidroom_bids_refused", "Bids refused in a batch", ["reason"], registry=self._registry)
        self.sold = Counter("bidroom_units_sold", "Units sold", registry=self._registry)
        self.written = Counter("bidroom_broadcast_bytes", "Bytes of updates handed to sockets", registry=self._registry)
        self.outages = Counter("bidroom_outages", "Times a room moved its deadlines", registry=self._registry)
        self.batch = Histogram("bidroom_batch_size", "Public events a batch", buckets=_COUNTS, registry=self._registry)
        self.commit = Histogram("bidroom_commit_seconds", "Time to commit", buckets=_SECONDS, registry=self._registry)
        self.connections = Gauge("bidroom_connections", "Participants connected", registry=self._registry)
        self.rooms = Gauge("bidroom_rooms", "Rooms open", registry=self._registry)

    def page(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)
