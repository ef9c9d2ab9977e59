"""What a media file contains, found out by a confined program."""
