"""Bytes: pictures on their way from one service to the other."""
