"""Font files of users: checked in the sandbox, and opened for the texts of one job."""
