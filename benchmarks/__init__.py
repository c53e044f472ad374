"""The benchmarks: `make bench`, or `python -m benchmarks [--quick] [NAME…]`. No I/O at import."""
