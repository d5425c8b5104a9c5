"""What `tests/second_opinions.py` asks: botocore's models, moto, and the functions between the two."""
