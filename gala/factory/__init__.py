"""The media factory: images, videos and speech as tasks.

>>> workflow = MediaFactoryRegistry.get_workflow(MediaType.VOICE)
>>> task = workflow.text_to_speech("Welcome.", voice="professional", language="en")
>>> task.wait().result.path
"""

from __future__ import annotations

from gala.factory.base import MediaFactory
from gala.factory.concurrency import ResourcePool
from gala.factory.image import ImageWorkflow
from gala.factory.models import MediaResult, MediaTask, MediaType, ProcessingStatus
from gala.factory.pipeline import Given, Pipeline, ResultOf, Step
from gala.factory.registry import MediaFactoryRegistry
from gala.factory.validation import InvalidParameters
from gala.factory.video import VideoWorkflow
from gala.factory.voice import VoiceWorkflow
from gala.generation.task_context import TaskContext as Work

__all__ = [
    "Given",
    "ImageWorkflow",
    "InvalidParameters",
    "MediaFactory",
    "MediaFactoryRegistry",
    "MediaResult",
    "MediaTask",
    "MediaType",
    "Pipeline",
    "ProcessingStatus",
    "ResourcePool",
    "ResultOf",
    "Step",
    "VideoWorkflow",
    "VoiceWorkflow",
    "Work",
]
