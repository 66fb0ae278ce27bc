"""Reading what a repository has, and which Pythons the machine has. Nothing here writes into the project."""
