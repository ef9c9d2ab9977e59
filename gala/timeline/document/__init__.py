"""The document: scenes or tracks of elements, as pydantic models. No media is opened here."""
