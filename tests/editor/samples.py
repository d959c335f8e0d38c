"""A function over its limit that proven steps simplify, and the limit."""

from __future__ import annotations

SETTINGS = "[tool.pytest-antipasta.thresholds]\ncognitive_complexity = 4\n"
SHIP = """\
def ship(orders, log):
    sent = []
    for order in orders:
        if order.is_paid:
            if order.is_open:
                sent.append(order)
                if order.is_large:
                    log.append("ä")
    for order in sent:
        for item in order.items:
            if item.is_fragile:
                log.append(item)
    return sent
"""
