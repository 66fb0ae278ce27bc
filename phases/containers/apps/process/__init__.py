"""Apps as processes: the default; needs nothing but this tool."""
