"""Images: nothing is fetched but on command, and what a tag named before can be had again."""
