"""What is measured, against whom: one package each, run by ``python3 run.py bench NAME``."""
