"""What the templates in infra/ promise and no schema knows: exits 1 with one line for each promise that is broken."""

import json
import re
import sys
from pathlib import Path

from cfnlint.decode import decode

EVENTS = "AWS::Events::Rule"
MAPPING = "AWS::Lambda::EventSourceMapping"
ORGANIZATION_SOURCES = {"aws.organizations", "aws.controltower", "aws.tag"}
VARIABLES = {
    "GRANTWAY_DEPLOYMENT",
    "GRANTWAY_FUNCTION",
    "GRANTWAY_POLICY_TABLE",
    "GRANTWAY_LEDGER_TABLE",
    "GRANTWAY_WORK_QUEUE_URL",
    "GRANTWAY_ACCEPT_QUEUE_URL",
    "GRANTWAY_MEMBER_ROLE",
    "GRANTWAY_HOME_REGION",
    "GRANTWAY_GRANT_BUDGET",
    "GRANTWAY_ACCEPTANCE",
    "GRANTWAY_MEMBER_BUS",
    "RUST_LOG",
}
SPOKE_VARIABLES = {
    "GRANTWAY_DEPLOYMENT",
    "GRANTWAY_FUNCTION",
    "GRANTWAY_HUB_ACCOUNT",
    "GRANTWAY_HOME_REGION",
    "RUST_LOG",
}
ACCEPTANCE = {f"license-manager:{action}" for action in ("ListReceivedGrants", "GetGrant", "AcceptGrant", "CreateGrantVersion")}

broken = []


def must(held, promise):
    if not held:
        broken.append(promise)


def load(path):
    template, problems = decode(path)
    if template is None or problems:
        sys.exit(f"{path}: {problems}")
    return template


def of_type(template, kind):
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def named(value):
    """The logical id that `!Ref X` or `!GetAtt X.Y` names."""
    if "Ref" in value:
        return value["Ref"]
    target = value["Fn::GetAtt"]
    return target.split(".")[0] if isinstance(target, str) else target[0]


def rules_keep_what_they_cannot_deliver(path, template):
    for name, rule in of_type(template, EVENTS).items():
        must(len(json.dumps(rule.get("EventPattern"))) <= 2048, f"{path}: {name}: pattern over AWS's 2,048 characters")
        for target in rule["Targets"]:
            must("DeadLetterConfig" in target, f"{path}: {name}: a target without dead letters")
            must("RetryPolicy" in target, f"{path}: {name}: a target without a stated retry policy")


def membership_rule_sees_read_only_events(path, template):
    state = of_type(template, EVENTS)["AccountMembership"].get("State")
    must(state == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", f"{path}: AccountMembership: state {state}")


def queues_are_safe(path, template):
    queues = of_type(template, "AWS::SQS::Queue")
    dead_letters = {named(queue["RedrivePolicy"]["deadLetterTargetArn"]) for queue in queues.values() if "RedrivePolicy" in queue}
    for name, queue in queues.items():
        must("KmsMasterKeyId" in queue, f"{path}: {name}: no key of our own, EventBridge could not write to it")
        must("RedrivePolicy" in queue or name in dead_letters, f"{path}: {name}: no dead letters")


def mappings_fit_their_functions(path, template):
    functions = of_type(template, "AWS::Lambda::Function")
    queues = of_type(template, "AWS::SQS::Queue")
    for name, mapping in of_type(template, MAPPING).items():
        function = functions[named(mapping["FunctionName"])]
        source = named(mapping["EventSourceArn"])
        must(
            mapping.get("FunctionResponseTypes") == ["ReportBatchItemFailures"],
            f"{path}: {name}: one bad message would fail its whole batch",
        )
        if source in queues:
            need = 6 * function["Timeout"]
            must(queues[source]["VisibilityTimeout"] >= need, f"{path}: {name}: {source} hides messages for under {need} s")
        if "StartingPosition" in mapping:
            must(mapping["StartingPosition"] == "TRIM_HORIZON", f"{path}: {name}: would lose edits")
            for member in ("BisectBatchOnFunctionError", "MaximumRetryAttempts", "DestinationConfig"):
                must(member in mapping, f"{path}: {name}: without {member} one record blocks its shard for a day")


def lanes_are_never_turned_away(path, template):
    reserved = template["Mappings"]["ReservedConcurrency"]
    for maximum in template["Parameters"]["LaneConcurrency"]["AllowedValues"]:
        lanes = reserved[maximum]["Lane"]
        must(lanes >= int(maximum) + 5, f"{path}: {maximum} lanes at once need {int(maximum) + 5} reserved, not {lanes}")


def tables_outlive_the_stack(path, template):
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            must(resource.get("DeletionPolicy") == "Retain", f"{path}: {name}: goes with the stack")
            must(resource.get("UpdateReplacePolicy") == "Retain", f"{path}: {name}: goes when replaced")
            must(resource["Properties"].get("DeletionProtectionEnabled") is True, f"{path}: {name}: can be deleted")


def functions_are_told_everything(path, template, variables):
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        told = set(function["Environment"]["Variables"])
        must(told == variables, f"{path}: {name}: environment differs by {sorted(told ^ variables)}")


def functions_read_nothing_else():
    for top in ("distribute-grants", "accept-grants", "shared"):
        for source in sorted(Path("functions", top).rglob("src/**/*.rs")):
            unknown = set(re.findall(r"\bGRANTWAY_[A-Z_]+", source.read_text())) - VARIABLES - SPOKE_VARIABLES
            must(not unknown, f"{source}: neither hub.yaml nor member-spoke.yaml sets {sorted(unknown)}")


def management_account_has_the_same_rules(hub, management):
    there = of_type(management, EVENTS)
    here = {
        name: rule
        for name, rule in of_type(hub, EVENTS).items()
        if ORGANIZATION_SOURCES & set(rule["EventPattern"]["source"])
    }
    must(here.keys() == there.keys(), f"management.yaml: rules differ from hub.yaml's: {sorted(here.keys() ^ there.keys())}")
    for name in here.keys() & there.keys():
        for member in ("Name", "Description", "State", "EventPattern"):
            must(here[name].get(member) == there[name].get(member), f"management.yaml: {name}: {member} differs from hub.yaml's")


def demo_has_the_same_rules(hub):
    """The demo deploys on the pretend AWS what the hub deploys on the real one."""
    demo = json.loads(Path("functions/grantctl/src/deployment/patterns.json").read_text())
    # The hub's template alone knows the ARN of its own role, whose calls it leaves out.
    plain = lambda pattern: json.loads(json.dumps(pattern))
    of_hub = [plain(rule["EventPattern"]) for rule in of_type(hub, EVENTS).values()]
    for pattern in of_hub:
        pattern.get("detail", {}).pop("userIdentity", None)
    for name, pattern in demo.items():
        must(pattern in of_hub, f"hub.yaml: no rule has the demo's pattern `{name}`")
    for pattern in of_hub:
        must(pattern in demo.values(), f"the demo has no rule {json.dumps(pattern)}")


def rights(template):
    given = set()
    for role in of_type(template, "AWS::IAM::Role").values():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                given |= {actions} if isinstance(actions, str) else set(actions)
    return given


def members_give_no_more_than_acceptance(path, template, besides):
    differs = rights(template) ^ (ACCEPTANCE | besides)
    must(not differs, f"{path}: rights differ by {sorted(differs)}")


def spokes_hear_the_hub_and_nobody_else(path, template, hub):
    """The rule wants what the lane puts, and the bus lets in nobody else."""
    said = Path("functions/shared/grant-plan/src/spoke.rs").read_text()
    source, kind = (re.search(rf'pub const {name}: &str = "(.+)";', said)[1] for name in ("SOURCE", "DETAIL_TYPE"))
    pattern = {
        "source": [source],
        "detail-type": [kind],
        "account": [{"Ref": "HubAccountId"}],
        "detail": {"deployment": [{"Ref": "Deployment"}]},
    }
    plain = lambda value: json.loads(json.dumps(value))
    rules = of_type(template, EVENTS)
    must(plain(rules["GrantRequested"]["EventPattern"]) == pattern, f"{path}: GrantRequested: not what the lane puts")
    must(plain(rules["Sweep"]["Targets"][0]["Input"]) == '{"job":"sweep"}', f"{path}: Sweep: not what the function reads")
    (policy,) = of_type(template, "AWS::Events::EventBusPolicy").values()
    statement = plain(policy["Statement"])
    must("${HubAccountId}:root" in statement["Principal"]["AWS"]["Fn::Sub"], f"{path}: BusPolicy: not the hub's account")
    must(statement["Action"] == "events:PutEvents", f"{path}: BusPolicy: gives more than PutEvents")
    wanted = {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}, "events:source": source}}
    must(statement["Condition"] == wanted, f"{path}: BusPolicy: lets in others than the organization's hub")
    here, there = template["Resources"]["Spoke"]["Properties"], hub["Resources"]["Accept"]["Properties"]
    for member in ("Timeout", "MemorySize", "Runtime", "Handler"):
        must(here[member] == there[member], f"{path}: Spoke: {member} is not the hub's")
    must("DeadLetterConfig" in here, f"{path}: Spoke: what fails three times is lost")


def hub_puts_events_only_where_spokes_accept(path, template):
    (lane,) = template["Resources"]["LaneRole"]["Properties"]["Policies"]
    open_to_all = [one for one in lane["PolicyDocument"]["Statement"] if "events:PutEvents" in one.get("Action", [])]
    chosen = [one["Fn::If"] for one in lane["PolicyDocument"]["Statement"] if "Fn::If" in one]
    must(not open_to_all, f"{path}: LaneRole: may put events whoever accepts")
    spokes = [then["Action"] for condition, then, _ in chosen if condition == "SpokesAccept"]
    must(spokes == ["events:PutEvents"], f"{path}: LaneRole: may not put events where spokes accept")


def main():
    names = ("hub", "management", "member", "member-spoke")
    hub, management, member, spoke = (load(f"infra/{name}.yaml") for name in names)
    for path, template in (("hub.yaml", hub), ("management.yaml", management)):
        rules_keep_what_they_cannot_deliver(path, template)
        membership_rule_sees_read_only_events(path, template)
    queues_are_safe("hub.yaml", hub)
    mappings_fit_their_functions("hub.yaml", hub)
    lanes_are_never_turned_away("hub.yaml", hub)
    tables_outlive_the_stack("hub.yaml", hub)
    functions_are_told_everything("hub.yaml", hub, VARIABLES)
    functions_are_told_everything("member-spoke.yaml", spoke, SPOKE_VARIABLES)
    functions_read_nothing_else()
    management_account_has_the_same_rules(hub, management)
    members_give_no_more_than_acceptance("member.yaml", member, set())
    besides = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
    members_give_no_more_than_acceptance("member-spoke.yaml", spoke, besides)
    rules_keep_what_they_cannot_deliver("member-spoke.yaml", spoke)
    spokes_hear_the_hub_and_nobody_else("member-spoke.yaml", spoke, hub)
    hub_puts_events_only_where_spokes_accept("hub.yaml", hub)
    demo_has_the_same_rules(hub)
    print("\n".join(broken) or "templates keep their promises")
    sys.exit(1 if broken else 0)


main()
