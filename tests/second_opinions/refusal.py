"""Which errors a service may answer with: those its model names, and those that AWS documents elsewhere."""

from dataclasses import dataclass

from botocore.model import OperationModel, Shape

# Codes that a service answers with although its model does not name them, and where AWS says so.
UNMODELLED: dict[str, dict[str, str]] = {
    "*": {
        "SerializationException": "smithy, AWS JSON protocols: a body that cannot be read, or a member of another type",
        "UnknownOperationException": "smithy, AWS JSON protocols: an operation that does not exist",
        "ExpiredTokenException": "Common Error Types of every API reference",
        "AccessDeniedException": "Common Error Types of every API reference",
        "ThrottlingException": "Common Error Types of every API reference",
    },
    "events": {
        "ValidationException": "EventBridge API reference, Common Errors: the input fails to satisfy the constraints",
    },
    "dynamodb": {
        "ValidationException": "DynamoDB developer guide, Error handling: missing or malformed parameters",
    },
    "dynamodbstreams": {
        "ValidationException": "DynamoDB developer guide, Error handling: missing or malformed parameters",
    },
    "sqs": {
        "MissingParameter": "SQS API reference, Common Errors",
        "InvalidParameterValue": "SQS API reference, Common Errors",
    },
    "sts": {
        "ValidationError": "STS API reference, Common Errors",
        "ExpiredToken": "the query services leave out the `Exception` of the others: aws-sdk-java-v2, issue 1649",
        "AccessDenied": "STS answers every refusal of AssumeRole so (IAM user guide, Troubleshoot IAM roles)",
        "InvalidAction": "STS API reference, Common Errors: the action is not valid",
    },
    "iam": {
        "ValidationError": "IAM API reference, Common Errors",
        "AccessDenied": "IAM API reference, Common Errors",
        "InvalidAction": "IAM API reference, Common Errors: the action is not valid",
    },
    "sns": {
        "ValidationError": "SNS API reference, Common Errors",
        "InvalidAction": "SNS API reference, Common Errors: the action is not valid",
    },
}

# What a request that breaks a constraint of the model may be answered with.
CONSTRAINT: dict[str, set[str]] = {
    "license-manager": {"ValidationException", "InvalidParameterValueException"},
    "organizations": {"InvalidInputException", "ValidationException"},
    "marketplace-agreement": {"ValidationException"},
    "sts": {"ValidationError"},
    "sqs": {
        "MissingParameter",
        "InvalidParameterValue",
        "InvalidAttributeName",
        "InvalidAttributeValue",
        "InvalidMessageContents",
        "EmptyBatchRequest",
    },
    "events": {"ValidationException"},
    "dynamodb": {"ValidationException"},
    "dynamodbstreams": {"ValidationException"},
    "sns": {"InvalidParameter", "InvalidParameterValue", "ValidationError"},
    "iam": {"ValidationError", "InvalidInput"},
    "cloudtrail": {"InvalidTrailNameException", "CloudTrailARNInvalidException"},
    "service-quotas": {"IllegalArgumentException", "ValidationException"},
}

# Where a model does not say which status an error has, these are the service's own fault and the others are not.
FAULTS = {"InternalException", "InternalFailure", "InternalServerError", "ServerInternalException", "ServiceException"}


@dataclass(frozen=True)
class Refusal:
    """An error answer as it came."""

    code: str
    message: str
    status: int


def modelled(code: str, operation: OperationModel) -> Shape | None:
    """The shape of an error, if the operation has such a one."""
    for shape in operation.error_shapes:
        if code in (shape.name, shape.error_code):
            return shape
    return None


def documented(service: str, code: str) -> bool:
    """Whether a code is one of those that need no model."""
    return code in UNMODELLED["*"] or code in UNMODELLED.get(service, {})


def right_status(shape: Shape | None, refusal: Refusal) -> tuple[bool, str]:
    """Whether an error's HTTP status is what its model says, and what that is."""
    said = shape.metadata.get("error", {}).get("httpStatusCode") if shape is not None else None
    if said is not None:
        return refusal.status == said, str(said)
    if refusal.code in FAULTS:
        return refusal.status >= 500, "5xx"
    return 400 <= refusal.status < 500, "4xx"
