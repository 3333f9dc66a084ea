"""The site in nginx/, run by the real nginx."""
