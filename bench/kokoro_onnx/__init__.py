"""Kokoro on ONNX Runtime, by the engine and by calling ONNX Runtime directly."""
