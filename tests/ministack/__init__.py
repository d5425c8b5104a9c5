"""Grantway's own templates deployed on MiniStack, beside the pretend AWS for what MiniStack lacks."""
