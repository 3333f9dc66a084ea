"""Files: fetched, converted, kept."""
