"""Containers move to another image: made anew beside the old one, proven, and the old one kept as the way back."""
