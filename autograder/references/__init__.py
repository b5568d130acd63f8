"""What is right: one PyTorch module per lesson, with a function for each exercise of the same name.

They take tensors and return tensors, on whatever device the tensors live. Only the oracle imports them.
"""
