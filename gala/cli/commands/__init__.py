"""The commands of `gala`, one file each."""
