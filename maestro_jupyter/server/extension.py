"""The Jupyter server extension: wiring only."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets.config import Config

from maestro_jupyter.app import App
from maestro_jupyter.config import Maestro
from maestro_jupyter.server.kernels import KernelWatch
from maestro_jupyter.server.openapi import document
from maestro_jupyter.server.routes import ROUTES, SOCKETS, patterns
from maestro_jupyter.server.services import Services


class MaestroServer(ExtensionApp):
    """Answers for the experiments of this server's user."""

    name = "maestro_jupyter"
    extension_url = "/maestro/api/v1/health/live"
    load_other_extensions = True
    classes = [Maestro]  # noqa: RUF012 - as traitlets wants it

    def initialize_settings(self) -> None:
        """Make what the handlers share."""
        settings = Maestro(config=Config(self.config))
        self.services = Services(App(settings, "server"), settings.owners)
        self.services.description = document(self.settings["base_url"])
        self.services.requests.start()
        self.services.collecting.start()
        self.services.indexing.start()
        self.kernels = KernelWatch(self.services.collecting)
        if self.serverapp is not None:
            server = self.serverapp
            self.kernels.attach(server.kernel_manager, server.session_manager, server.event_logger)

    def initialize_handlers(self) -> None:
        """Register the routes."""
        self.services.paths = {route.handler: route.path for route in (*ROUTES, *SOCKETS)}
        self.handlers.extend((path, handler, {"services": self.services}) for path, handler in patterns())

    async def stop_extension(self) -> Any:
        """Finish what is under way, and let go of the store."""
        self.kernels.close()
        self.services.subscribers.close()
        self.services.stop_answering()
        await asyncio.to_thread(self.services.close)
