"""Alerts: one per change of state, through Apprise. `telling` decides and sends after a run; the rule is `rule`."""
