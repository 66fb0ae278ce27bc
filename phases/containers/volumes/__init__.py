"""Volumes: made, kept in archives that are proven, brought back, removed on command."""
