"""Exchange with editors and other services: OTIO, EDL, FCP7 XML, and Shotstack's edits.

A compiled composition becomes an :class:`~gala.timeline.exchange.edit.Edit`, the cuts of an editing
program, which is written in each format. What editing programs have no words for (texts, effects)
goes out as rendered media, with the element as JSON in the metadata.
"""
