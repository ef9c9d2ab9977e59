"""What every route needs of HTTP: bodies, uploads, ranges, conditions, paging."""
