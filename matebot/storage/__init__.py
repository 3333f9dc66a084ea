"""Everything that is SQLite."""
