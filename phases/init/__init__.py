"""What `manage.py init` gives a project: a manifest, a launcher of its own that pins the tool, and files for CI."""
