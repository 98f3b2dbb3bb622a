"""The SDK: `Client`, the view of the room that it keeps, and strategies that bid by themselves."""
