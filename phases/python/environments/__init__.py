"""Virtual environments: where they are, what they were made from, how they are checked, sealed and switched."""
