"""Git, hardened: reading a repository, its submodules, and bringing these to their recorded commits."""
