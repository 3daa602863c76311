"""Data sets and quantisation-aware training; PyTorch is imported by `modules`, `qat` and `export` alone."""
