"""The part of OpenAI's audio API that GALA implements."""
