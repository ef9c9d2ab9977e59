"""Blending of pictures of bytes."""

from __future__ import annotations

import cv2

from gala_renderer.avatars.portrait.arrays import Bytes, u8


def over(front: Bytes, behind: Bytes) -> Bytes:
    """Return premultiplied ``front`` (4 channels) over ``behind`` (4 channels, opaque)."""
    free = cv2.bitwise_not(cv2.extractChannel(front, 3))
    rest = cv2.multiply(behind, cv2.merge([free] * 4), scale=1 / 255)
    return u8(cv2.add(front, rest))


def mixed(front: Bytes, behind: Bytes, share: Bytes) -> Bytes:
    """Return ``front`` where the share is 255, ``behind`` where it is 0."""
    shares = share if front.ndim == 2 else u8(cv2.merge([share] * front.shape[2]))
    one = cv2.multiply(front, shares, scale=1 / 255)
    other = cv2.multiply(behind, cv2.bitwise_not(shares), scale=1 / 255)
    return u8(cv2.add(one, other))
