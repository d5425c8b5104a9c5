"""STS: who is calling, and roles in other accounts."""

import datetime

from ..desk import Desk

MEMBER, SUSPENDED, STRANGER = "318204957731", "730912846625", "999988887777"


def role(account: str, name: str = "grantway-member") -> str:
    """A role's ARN."""
    return f"arn:aws:iam::{account}:role/{name}"


def play(desk: Desk) -> None:
    """Everything."""
    for account in (desk.simulator.account, MEMBER):
        caller = desk.call("GetCallerIdentity", by=account)
        desk.expect("GetCallerIdentity", "Account", caller["Account"] == account, account, caller)
    assumed = desk.call("AssumeRole", RoleArn=role(MEMBER), RoleSessionName="second-opinion", DurationSeconds=900)
    credentials = assumed["Credentials"]
    left = credentials["Expiration"] - datetime.datetime.now(datetime.UTC)
    desk.expect("AssumeRole", "Expiration", 840 < left.total_seconds() < 960, "in 15 minutes", left)
    inside = desk.call("GetCallerIdentity", by=credentials["AccessKeyId"])
    desk.expect("GetCallerIdentity", "Account", inside["Account"] == MEMBER, MEMBER, inside)
    arn = f"arn:aws:sts::{MEMBER}:assumed-role/grantway-member/second-opinion"
    desk.expect("GetCallerIdentity", "Arn", inside["Arn"] == arn, arn, inside)
    desk.call("AssumeRole", RoleArn=role(MEMBER, "with/a/path"), RoleSessionName="name=with,odd.letters@home_1-2")
    desk.refused("AssumeRole", "AccessDenied", RoleArn=role(SUSPENDED), RoleSessionName="second-opinion")
    desk.refused("AssumeRole", "AccessDenied", RoleArn=role(STRANGER), RoleSessionName="second-opinion")
    desk.refused("AssumeRole", "ValidationError", RoleArn="arn:aws:iam::1:role/x", RoleSessionName="second-opinion")
    desk.simulator.pass_time(1000)
    desk.refused("GetCallerIdentity", "ExpiredToken", by=credentials["AccessKeyId"])
