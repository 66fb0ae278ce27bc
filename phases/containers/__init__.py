"""Images, apps and volumes: what an environment needs besides packages. Extra `containers` where an engine is asked."""
