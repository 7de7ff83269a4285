"""Maestro remembers every experiment that you run in a Jupyter notebook."""

from maestro_jupyter._version import __version__

__all__ = ["__version__"]
