"""Written text to spoken words: numbers, dates, money, units, addresses, symbols. Pure.

The entry is :func:`~gala_renderer.speech.spoken_form.form.spoken_form`. Each module of a subject
has rules (:class:`~gala_renderer.speech.spoken_form.rule.Rule`), and each language has a table.
"""
