"""What a person reads: a page, pictures and tables of results. It computes nothing."""
