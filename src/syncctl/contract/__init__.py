"""What every connector must keep, tried against a pretend vendor: `syncctl connector test NAME`. No I/O of its own.

`subject` describes one connector to the suite, `suite` lists the promises and runs them, each on a fresh `stand`;
`pulls`, `rows`, `reads`, `writes`, `batches`, `fields` and `company` hold the promises.
"""
