"""What `tests/real_clients.py` plays with: processes, a Lambda Runtime API, and the deployment as boto3 sees it."""
