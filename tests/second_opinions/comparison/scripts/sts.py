"""STS: who is calling, and as whom one may call."""

from ..player import Player

NOBODY = "999988887777"


def play(ask: Player) -> None:
    """Everything."""
    ask("GetCallerIdentity")
    member = ask.organization.accounts["payments"]
    role = f"arn:aws:iam::{member}:role/grantway-member"
    assumed = ask("AssumeRole", RoleArn=role, RoleSessionName="second-opinion")
    ask("GetCallerIdentity", by=assumed["Credentials"]["AccessKeyId"])
    ask("AssumeRole", RoleArn=role, RoleSessionName="second-opinion", DurationSeconds=900)
    ask("AssumeRole", RoleArn=role, RoleSessionName="second-opinion", DurationSeconds=899)
    ask("AssumeRole", RoleArn=role, RoleSessionName="x")
    ask("AssumeRole", RoleArn=role, RoleSessionName="x" * 65)
    ask("AssumeRole", RoleArn=role)
    ask("AssumeRole", RoleArn="nonsense", RoleSessionName="second-opinion")
    ask("AssumeRole", RoleArn=role.replace(member, NOBODY), RoleSessionName="second-opinion")
