"""A model worker for tests: answers with what the request contains, slowly or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gala.errors import InvalidRequest
from gala_renderer.model_workers.child import RequestChannel


def serve(options: Mapping[str, Any]) -> Echo:
    """``refuse``: fail to load; ``package``: import it; ``noise``: print while loading."""
    if "refuse" in options:
        raise InvalidRequest(options["refuse"], field="params.model")
    if "package" in options:
        __import__(options["package"])
    if "noise" in options:
        print(options["noise"], flush=True)
    return Echo(options)


class Echo:
    """Answers with the request and the id of its process."""

    def __init__(self, options: Mapping[str, Any]):
        self.about = {"device": "none", **options}

    def __call__(self, request: Mapping[str, Any], channel: RequestChannel) -> Mapping[str, Any]:
        if "die" in request:
            os._exit(7)
        if "fail" in request:
            raise InvalidRequest(request["fail"], field="params.voice")
        if "stuck" in request:
            Path(request["stuck"]).touch()
            time.sleep(600)
        for step in range(request.get("steps", 0)):
            channel.raise_if_cancelled()
            channel.send_event({"step": step})
        while "until" in request:
            channel.raise_if_cancelled()
            channel.send_event({"waits": True})
            time.sleep(0.01)
        return {"pid": os.getpid(), "said": request.get("say")}
