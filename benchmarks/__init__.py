"""What Surefoot costs, side by side with uv and git: `python3 manage.py bench`. Part of a clone, not of the wheel."""
