"""The SDK: `Client`, the view of the room that it keeps, and strategies that bid by themselves."""

from bidroom.client.client import Client
from bidroom.client.connection import ClientError
from bidroom.client.item_state import ItemState
from bidroom.client.view import View

__all__ = ["Client", "ClientError", "ItemState", "View"]
