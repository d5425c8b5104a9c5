"""The scripts: each a `play` that asks the same of both and needs no more than both can do."""
