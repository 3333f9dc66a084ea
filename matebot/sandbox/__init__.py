"""Stand-ins of Telegram and Discord, and the page that drives them: a witness that shares no code with the bridge."""
