"""What looks after one app: a small program of its own, standard library only, packed as `shim.pyz`.

It outlives us, as a shim of containerd's does: it starts the command, keeps its output, its exit codes and its health,
starts it again, and ends it when asked. Nothing here may import anything of the tool's.
"""
