"""Apps: what a project runs, as a process or in a container, under the same journal as all the rest."""
