"""Overhead of the platform around the rendering: throughput, latency and memory.

All figures are measured from outside, on the real processes over loopback, with Postgres as durable
as in production.
"""
