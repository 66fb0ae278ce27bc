"""What an app is made of: fetched, checked, unpacked beside what runs, and switched to by one rename."""
