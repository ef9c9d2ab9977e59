"""From document to layers: times, boxes, movement, warnings. Pure functions of their arguments."""
