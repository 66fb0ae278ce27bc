"""What a Python project needs, and how its environment is made."""
