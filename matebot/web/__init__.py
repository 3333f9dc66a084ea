"""The aiohttp application: mounts the routes it is given; TLS, avatars, health."""
