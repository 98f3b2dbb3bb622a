"""The SDK: `Client`, the view of the room that it keeps, and strategies that bid by themselves."""

from bidroom.client.client import Client
from bidroom.client.connection import ClientError
from bidroom.client.view import ItemState, View

__all__ = ["Client", "ClientError", "ItemState", "View"]
