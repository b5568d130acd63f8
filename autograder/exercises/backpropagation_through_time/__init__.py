"""Lesson 06: every gradient of the recurrent network, judged against autograd."""
