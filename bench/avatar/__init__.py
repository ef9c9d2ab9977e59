"""Speed and memory of presenters, and the proof of their lips on rendered films."""
