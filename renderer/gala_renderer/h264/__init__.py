"""H.264 streams as bytes: what is written by hand where no encoder is needed."""
