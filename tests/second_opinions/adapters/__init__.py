"""The built functions with moto as their Organizations, STS, SQS, EventBridge and DynamoDB.

License Manager and Marketplace, which moto does not have, stay the simulator's.
"""
