"""The Python library: thin wrappers around the engine, one module per public class."""
