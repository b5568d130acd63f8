"""Lesson 08: what can be fixed from outside the cell: clipping, weight decay, initial weights, ReLU."""
