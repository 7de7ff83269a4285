"""What surfaces show: pure functions from models to a view, which is static HTML and text."""

from maestro_jupyter.views.view import Live, View

__all__ = ["Live", "View"]
