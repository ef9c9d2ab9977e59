"""Names for the 478 points of a face: which number lies where.

The numbering is that of MediaPipe's face mesh (``mediapipe/modules/face_geometry/data``, and the
graph ``tensors_to_face_landmarks_with_attention``). Left and right are those of the picture.
Contours run from left to right unless said otherwise.
"""

from __future__ import annotations

from typing import Final

COUNT: Final = 478
MESH_COUNT: Final = 468
"""The first points form a mesh; ten points of the irises follow."""

LIPS_OUTER_UPPER: Final = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LIPS_OUTER_LOWER: Final = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
LIPS_INNER_UPPER: Final = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIPS_INNER_LOWER: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
MOUTH_LEFT: Final = 61
MOUTH_RIGHT: Final = 291

LEFT_EYE_UPPER: Final = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LEFT_EYE_LOWER: Final = (33, 7, 163, 144, 145, 153, 154, 155, 133)
RIGHT_EYE_UPPER: Final = (362, 398, 384, 385, 386, 387, 388, 466, 263)
RIGHT_EYE_LOWER: Final = (362, 382, 381, 380, 374, 373, 390, 249, 263)
LEFT_BROW_UPPER: Final = (70, 63, 105, 66, 107)
LEFT_BROW_LOWER: Final = (46, 53, 52, 65, 55)
RIGHT_BROW_UPPER: Final = (336, 296, 334, 293, 300)
RIGHT_BROW_LOWER: Final = (285, 295, 282, 283, 276)

LEFT_IRIS: Final = (468, 469, 470, 471, 472)
"""Centre, right, top, left and bottom."""
RIGHT_IRIS: Final = (473, 474, 475, 476, 477)

FACE_OVAL: Final = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""A closed line, clockwise from the top of the forehead."""
FOREHEAD: Final = 10
CHIN: Final = 152
NOSE_TIP: Final = 1
NOSE_BOTTOM: Final = 2
NOSE_BRIDGE: Final = (168, 6, 197, 195, 5)
"""From between the eyes downwards."""

REFINED_LIPS: Final = (
    *LIPS_OUTER_LOWER,
    *LIPS_OUTER_UPPER[1:-1],
    *LIPS_INNER_LOWER,
    *LIPS_INNER_UPPER[1:-1],
    *(76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408),
    *(62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407),
)
"""The points that the attention mesh's output of the lips replaces, in its order."""
REFINED_LEFT_EYE: Final = (
    *LEFT_EYE_LOWER,
    *LEFT_EYE_UPPER[1:-1],
    *(130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190),
    *(226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189),
    *(35, 124, 46, 53, 52, 65),
    *(143, 111, 117, 118, 119, 120, 121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193),
)
"""The points that the output of the left eye replaces: lids, the skin around them, and the brow."""
REFINED_RIGHT_EYE: Final = (
    *RIGHT_EYE_LOWER[::-1],
    *RIGHT_EYE_UPPER[-2:0:-1],
    *(359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414),
    *(446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413),
    *(265, 353, 276, 283, 282, 295),
    *(372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417),
)
