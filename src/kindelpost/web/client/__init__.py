"""The client's face: is our mail all right, what should we do, how do we know."""
