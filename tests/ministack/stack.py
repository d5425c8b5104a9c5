"""infra/hub.yaml, deployed as it is, and what there is to do with a deployment."""

import datetime
import json
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.cloud import Cloud

Item = dict[str, Any]

NAME = "grantway-main"
MEMBER_ROLE = "grantway-member"
BUCKET = "grantway-code"
FUNCTIONS = {"dispatch": "distribute-grants", "lane": "distribute-grants", "accept": "accept-grants"}
DEPLOYED_WITHIN = 60.0


class Stack:
    """A stack of hub.yaml in a cloud's account, and one of member.yaml in each of some others."""

    def __init__(self, cloud: Cloud, binaries: Path, templates: Path, directory: Path) -> None:
        self.cloud = cloud
        self._templates = templates
        self._tables = cloud.client("dynamodb")
        self._queues = cloud.client("sqs")
        self._events = cloud.client("events")
        self._functions = cloud.client("lambda")
        self._schedules = cloud.client("scheduler")
        # What aws:PrincipalOrgID is compared with; the pretend AWS's organization has an id of its own.
        self._organization = cloud.client("organizations").describe_organization()["Organization"]["Id"]
        parameters = {"OrganizationId": self._organization, "CodeBucket": BUCKET}
        code = cloud.client("s3")
        code.create_bucket(Bucket=BUCKET)
        for parameter, binary in (("DistributeGrantsKey", "distribute-grants"), ("AcceptGrantsKey", "accept-grants")):
            archive = pack(binaries / binary, directory / f"{binary}.zip")
            code.upload_file(str(archive), BUCKET, archive.name)
            parameters[parameter] = archive.name
        self.outputs = self._deploy("hub.yaml", cloud.account, parameters)

    def deploy_member(self, account: str) -> None:
        """Puts the role into a member account that lets the hub's accept function in."""
        parameters = {
            "HubAccountId": self.cloud.account,
            "OrganizationId": self._organization,
            "AcceptRoleName": self.outputs["AcceptRoleName"],
        }
        self._deploy("member.yaml", account, parameters)
        # For a role's session AWS compares aws:PrincipalArn with the role, MiniStack with the session: it is told both.
        roles = self.cloud.client("iam", account)
        trust = roles.get_role(RoleName=MEMBER_ROLE)["Role"]["AssumeRolePolicyDocument"]
        for statement in trust["Statement"]:
            names = statement["Condition"]["ArnEquals"]
            role = names["aws:PrincipalArn"]
            session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + f"/{NAME}-accept"
            names["aws:PrincipalArn"] = [role, session]
        roles.update_assume_role_policy(RoleName=MEMBER_ROLE, PolicyDocument=json.dumps(trust))

    def _deploy(self, template: str, account: str, parameters: dict[str, str]) -> dict[str, str]:
        stacks = self.cloud.client("cloudformation", account)
        stacks.create_stack(
            StackName=NAME,
            TemplateBody=(self._templates / template).read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        )
        until = time.monotonic() + DEPLOYED_WITHIN
        while True:
            (stack,) = stacks.describe_stacks(StackName=NAME)["Stacks"]
            if stack["StackStatus"] == "CREATE_COMPLETE":
                return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
            if stack["StackStatus"] != "CREATE_IN_PROGRESS" or time.monotonic() > until:
                events = stacks.describe_stack_events(StackName=NAME)["StackEvents"]
                failed = [
                    f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
                    for event in events
                    if event["ResourceStatus"].endswith("FAILED")
                ]
                raise AssertionError(f"{template} in {account}: {stack['StackStatus']}: {'; '.join(failed)}")
            time.sleep(0.05)

    def tell_functions(self, function: str, variables: dict[str, str]) -> None:
        """Adds variables to a deployed function's environment."""
        name = f"{NAME}-{function}"
        known = self._functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self._functions.update_function_configuration(FunctionName=name, Environment={"Variables": known | variables})

    def role(self, function: str) -> str:
        """The name of a function's role."""
        role: str = self._functions.get_function_configuration(FunctionName=f"{NAME}-{function}")["Role"]
        return role.rpartition("/")[2]

    def add_rights(self, role: str, name: str, action: str, resource: str) -> None:
        """Gives a role one more right."""
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.cloud.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)

    def stranger(self) -> Callable[[str], Any]:
        """Clients of somebody in the hub's account who was given no right."""
        people = self.cloud.client("iam")
        people.create_user(UserName="stranger")
        key = people.create_access_key(UserName="stranger")["AccessKey"]
        return lambda service: self.cloud.client(service, key["AccessKeyId"], key["SecretAccessKey"])

    def mapped_sources(self, function: str) -> set[str]:
        """The ARNs that Lambda polls for a function, with partial batch responses."""
        mappings = self._functions.list_event_source_mappings(FunctionName=f"{NAME}-{function}")
        return {
            mapping["EventSourceArn"]
            for mapping in mappings["EventSourceMappings"]
            if mapping["State"] == "Enabled" and mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        }

    def queue_arn(self, name: str) -> str:
        """The ARN of a queue of the stack."""
        arn: str = self._queues.get_queue_attributes(QueueUrl=self._url(name), AttributeNames=["QueueArn"])[
            "Attributes"
        ]["QueueArn"]
        return arn

    def stream_arn(self) -> str:
        """The ARN of the policy table's Stream."""
        table = self._tables.describe_table(TableName=self.outputs["PolicyTableName"])["Table"]
        arn: str = table["LatestStreamArn"]
        return arn

    def schedule_names(self) -> set[str]:
        """The names of the schedules in the stack's group."""
        return {schedule["Name"] for schedule in self._schedules.list_schedules(GroupName=NAME)["Schedules"]}

    def target_of(self, schedule: str) -> Item:
        """What a schedule of the stack does."""
        target: Item = self._schedules.get_schedule(GroupName=NAME, Name=schedule)["Target"]
        return target

    def run_schedule(self, name: str) -> None:
        """Has EventBridge Scheduler do now, once, what a schedule of the stack says: same target, same role.

        By a schedule of its own, `<name>-now`, which goes away when that is done.
        """
        now = datetime.datetime.now(datetime.UTC)
        self._schedules.create_schedule(
            GroupName=NAME,
            Name=f"{name}-now",
            ScheduleExpression=f"at({now:%Y-%m-%dT%H:%M:%S})",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=self.target_of(name),
            ActionAfterCompletion="DELETE",
        )

    def matching_rules(self, event: Item) -> set[str]:
        """The rules of the stack whose pattern an event matches."""
        rules = self._events.list_rules(NamePrefix=f"{NAME}-")["Rules"]
        return {
            rule["Name"].removeprefix(f"{NAME}-")
            for rule in rules
            if self._events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))["Result"]
        }

    def put_on_bus(self, event: Item) -> None:
        """Has EventBridge deliver an event of AWS's to the triggers queue.

        Nobody may put an event of a source `aws.` on a bus. So it travels inside another, and a rule beside those of
        the stack, under a name that the queue's policy lets in, unpacks it.
        """
        source, name = "grantway.replay", f"{NAME}-replay"
        self._events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
        target = {"Id": "triggers", "Arn": self.queue_arn("triggers"), "InputPath": "$.detail"}
        if self._events.put_targets(Rule=name, Targets=[target])["FailedEntryCount"]:
            raise AssertionError("the rule takes no target")
        entry = {"Source": source, "DetailType": "replay", "Detail": json.dumps(event)}
        if self._events.put_events(Entries=[entry])["FailedEntryCount"]:
            raise AssertionError("the bus does not take the event")

    def put_rule(self, rule: Item) -> None:
        """Puts a rule, as DynamoDB's JSON, into the policy table."""
        self._tables.put_item(TableName=self.outputs["PolicyTableName"], Item=rule)

    def bring_due(self) -> None:
        """Whatever the ledger has due later is due now: the machine's clock cannot be moved."""
        table = self.outputs["LedgerTableName"]
        for item in self._tables.scan(TableName=table, IndexName="due")["Items"]:
            self._tables.update_item(
                TableName=table,
                Key={name: item[name] for name in ("pk", "sk")},
                UpdateExpression="SET due_at = :now",
                ExpressionAttributeValues={":now": {"N": str(int(time.time()) - 1)}},
            )

    def send(self, queue: str, body: str) -> None:
        """Sends a message."""
        self._queues.send_message(QueueUrl=self._url(queue), MessageBody=body)

    def waiting(self) -> dict[str, int]:
        """How many messages each queue holds, in flight included; without the empty ones."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        counts = {}
        for url in self._queues.list_queues(QueueNamePrefix=f"{NAME}-")["QueueUrls"]:
            attributes = self._queues.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
            counts[url.rpartition("/")[2].removeprefix(f"{NAME}-")] = sum(int(attributes[name]) for name in names)
        return {name: count for name, count in counts.items() if count}

    def quarantined(self) -> int:
        """How many messages could not be read."""
        found = self._tables.query(
            TableName=self.outputs["LedgerTableName"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "QUARANTINE"}},
        )
        count: int = found["Count"]
        return count

    def _url(self, queue: str) -> str:
        url: str = self._queues.get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"]
        return url


def pack(binary: Path, archive: Path) -> Path:
    """A binary as Lambda takes it: `bootstrap` in a zip, without what only a debugger reads."""
    bootstrap = archive.with_suffix(".bootstrap")
    subprocess.run(["strip", "-o", str(bootstrap), str(binary)], check=True, capture_output=True)
    # Fast over small: it is unpacked a moment later.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.write(bootstrap, "bootstrap")
    bootstrap.unlink()
    return archive
