"""What the bridge decides; it knows the ports of core, not the platforms."""
