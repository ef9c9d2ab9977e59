"""What FFmpeg is asked to do: inputs, filters, encoders, and how it is run."""
