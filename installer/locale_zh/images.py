"""What is said of images, in Chinese."""

SENTENCES: dict[str, str] = {}
