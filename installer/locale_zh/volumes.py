"""What is said of volumes, in Chinese."""

SENTENCES: dict[str, str] = {}
