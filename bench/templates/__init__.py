"""The built-in templates with texts of many lengths, in three scripts."""
