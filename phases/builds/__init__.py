"""First builds: a pipeline at GitHub or GitLab, begun once, followed, never in the way of an installation."""
