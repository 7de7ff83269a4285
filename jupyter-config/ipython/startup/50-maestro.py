"""Loads Maestro into every IPython of this environment where ``c.Maestro.autoload = True``."""

if get_ipython().config.Maestro.get("autoload", False) is True:  # noqa: F821 - IPython defines it here
    get_ipython().run_line_magic("load_ext", "maestro_jupyter")  # noqa: F821
