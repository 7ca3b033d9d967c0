"""Status, summary and timeline as text for people."""
