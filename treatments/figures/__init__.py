"""Figures made from the records: side effects per 100 sessions, their intervals, and the charts that show them."""
