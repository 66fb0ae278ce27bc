"""One run's checkpoint as an archive that another machine can go on with, and the stores where it may lie."""
