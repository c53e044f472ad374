"""The deterministic simulator: `make sim`, or `python -m simulation [--seeds N] [--seed S]`. No I/O at import.

It drives the production use cases, planner, push and connectors over the pretend vendors through nights of faults,
crashes, people's edits and reruns. What the vendors hold in the end is the judge; our own ledger never is.
"""
