"""What is said of apps, in Chinese."""

SENTENCES: dict[str, str] = {}
