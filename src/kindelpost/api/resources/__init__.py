"""One module a kind of thing. Each operation asks a query or an action of another room, and gives its answer a shape."""
