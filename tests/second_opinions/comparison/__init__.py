"""moto's opinion: the same little scripts in both pretend AWSs, and what they answer differently."""
