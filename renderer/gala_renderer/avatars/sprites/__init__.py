"""Bodies made of pictures: parts that move, and mouths that replace each other.

``loading.load_sprites`` makes a body of decoded pictures.
"""
