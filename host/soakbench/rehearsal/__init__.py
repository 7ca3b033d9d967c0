"""Rehearsal: a plan's days in seconds, through the shipped firmware and the real host."""
