"""Chatterbox in a worker process of the renderer, if it is installed there."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gala.errors import EngineMissing, InvalidRequest
from gala_renderer.model_workers.child import Handler, RequestChannel
from gala_renderer.speech.chatterbox.synthesizer import (
    GenerationParams,
    NeedsSample,
    VoiceCloner,
    pcm,
)
from gala_renderer.speech.chatterbox.weights import WeightsMissing, load


def serve(options: Mapping[str, Any]) -> Handler:
    """Load the model; a request has the text, the model params and the WAV file to write."""
    try:
        cloner = VoiceCloner(load(Path(options["weights"]), options["device"]))
    except WeightsMissing as error:
        raise EngineMissing(str(error)) from error

    def handle(request: Mapping[str, Any], channel: RequestChannel) -> Mapping[str, Any]:
        speech_chunks = cloner.speak(
            request["text"],
            GenerationParams(**request["generation"]),
            sample=Path(request["sample"]) if request["sample"] else None,
            silence=request["silence"],
            check=channel.raise_if_cancelled,
        )
        with wave.open(request["target"], "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(cloner.rate)
            try:
                for chunk in speech_chunks:
                    file.writeframes(pcm(chunk.samples))
                    channel.send_event({"done": chunk.done})
            except NeedsSample as error:
                raise InvalidRequest(
                    "params.voice: These weights of Chatterbox have no built-in voice; send a"
                    " sample.",
                    field="params.voice",
                ) from error
        return {}

    return handle
