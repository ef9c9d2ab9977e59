"""Shared by the commands that make media: options, orders, input files, output files."""
