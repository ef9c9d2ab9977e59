"""HTTP for all routes: bodies, uploads, ranges, conditional requests, paging."""
