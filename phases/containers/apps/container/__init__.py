"""Apps as containers: named after them, marked with our labels, in a network of their own."""
