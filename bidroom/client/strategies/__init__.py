"""Strategies: pure functions of view, time and chance that say what to bid next."""

from bidroom.client.strategies.budget import Budget
from bidroom.client.strategies.limits import draw_limits
from bidroom.client.strategies.load import StrategyFactory, load_strategy
from bidroom.client.strategies.random_bidder import RandomBidder
from bidroom.client.strategies.sniper import Sniper
from bidroom.client.strategies.steady import Steady
from bidroom.client.strategies.strategy import (
    Limits,
    Offer,
    Strategy,
    StrategyError,
    biddable,
    limit_of,
    minimum_offer,
)

__all__ = [
    "Budget",
    "Limits",
    "Offer",
    "RandomBidder",
    "Sniper",
    "Steady",
    "Strategy",
    "StrategyError",
    "StrategyFactory",
    "biddable",
    "draw_limits",
    "limit_of",
    "load_strategy",
    "minimum_offer",
]
