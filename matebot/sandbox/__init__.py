"""Stand-ins of Telegram and Discord and their page: a witness sharing no code with the bridge."""
