"""The package's version, importable by all layers."""

__version__ = "0.2.0"
