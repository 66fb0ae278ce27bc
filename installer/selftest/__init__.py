"""The proof on a copy of the user's own project: kill a run at many points, go on or go back, compare by contents."""
