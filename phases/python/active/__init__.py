"""`environment = "active"`: installing in place, into the environment that is active."""
