"""What the simulator does although a model says otherwise, each with the reason why it is right."""

from .finding import Excuse

EXCUSES = [
    Excuse(
        "license-manager",
        "*",
        "License*CreateTime",
        "pattern",
        "modelled as a time in ISO 8601, but the service answers epoch seconds in a string: GetLicense's output in the "
        "documentation of EKS Anywhere, clustermgmt/support/get-license-output",
    ),
    Excuse(
        "dynamodb",
        "*",
        "*NumberOfDecreasesToday",
        "*range",
        "modelled with 1 as the least, but the service answers 0: the sample answers of API_CreateTable",
    ),
    Excuse(
        "dynamodb",
        "*",
        "*TableThroughputModeSummary",
        "unknown member",
        "the embedded engine's own; clients skip members that their model does not know",
    ),
    Excuse(
        "dynamodb",
        "ExecuteTransaction",
        "Responses",
        "*length",
        "the embedded engine's; nothing here writes in PartiQL transactions",
    ),
    Excuse(
        "dynamodb",
        "*",
        "*Exception.message",
        "unknown member",
        "the embedded engine's; every client reads `message` as well as the modelled `Message`",
    ),
    *(
        Excuse("dynamodb", operation, member, "*length", "modelled as never empty, but the service always answers it")
        for operation, member in (("BatchGetItem", "UnprocessedKeys"), ("BatchWriteItem", "UnprocessedItems"))
    ),
]
