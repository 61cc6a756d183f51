"""What tests of the engine have in common."""

from __future__ import annotations

MENUS = """
  first:
    menu: what
    options:
      1: {words: [bookings, new flight], next: second}
      2: {words: [bags], next: bookings}
  second:
    menu: welcome
    options:
      1: {next: support}
  support: {queue: support}
  bookings: {queue: bookings, skills: [spanish]}
"""
