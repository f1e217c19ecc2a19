"""The engine itself: ping, version, info, df, events, and what a daemon outside a swarm answers."""
