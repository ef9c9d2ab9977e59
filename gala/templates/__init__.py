"""Templates: compositions with variables, filled with the params of a job.

:mod:`gala.templates.expansion` replaces the variables, :mod:`gala.templates.filling` checks the
params and answers mistakes with the param that causes them. No media is opened here.
"""
