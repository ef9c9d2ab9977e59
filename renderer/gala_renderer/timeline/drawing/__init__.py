"""The program that draws what moves, frame by frame, beside FFmpeg."""
