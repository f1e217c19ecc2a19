"""Networks: bridges, addresses, DNS and published ports of containers."""
