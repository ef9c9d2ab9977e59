"""Contact sheets of portraits: every shape of the mouth, for judging by eye."""
