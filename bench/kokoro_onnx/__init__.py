"""Kokoro on ONNX Runtime, by the engine and by the package kokoro-onnx."""
