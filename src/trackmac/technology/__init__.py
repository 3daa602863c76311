"""Device records: what one event of the hardware costs, with range, evidence and source for every figure."""
