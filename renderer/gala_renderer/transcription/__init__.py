"""Transcription, forced alignment and silence detection."""
