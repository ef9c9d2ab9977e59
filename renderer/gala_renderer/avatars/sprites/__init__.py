"""Bodies made of pictures: parts that move, and mouths that replace each other.

``loading.load`` makes a body from a folder of PNG files or from decoded pictures.
"""
