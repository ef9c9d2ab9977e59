"""A body made from one portrait, by warping the picture itself.

``prepared`` turns a picture, a face and a mask into arrays, once per model; ``body`` keeps them
and places painters, which draw poses. See docs/decisions/portraits-by-warping.md.
"""
