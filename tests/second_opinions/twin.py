"""One organization in two pretend AWSs: made in moto, which chooses its ids, then handed to the simulator as a file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .moto_server import ACCOUNT
from .simulator import client

# Names of units, and the unit above each.
UNITS = {"Workloads": None, "Production": "Workloads", "Sandbox": None}
# Names of accounts, and the unit that each is in.
ACCOUNTS = {"payments": "Production", "search": "Production", "playground": "Sandbox", "audit": None}
# Services that the simulator's organizations trust from the beginning.
TRUSTED = ("license-manager.amazonaws.com", "license-management.marketplace.amazonaws.com")
TAGS = {"payments": {"env": "prod", "team": "payments"}, "playground": {"env": "dev"}}


@dataclass(frozen=True)
class Organization:
    """What both have."""

    id: str
    root: str
    # By name.
    units: dict[str, str]
    accounts: dict[str, str]
    blueprint: dict[str, Any]

    def write(self, folder: Path) -> Path:
        """The file that `grantctl sim --organization` takes."""
        file = folder / "organization.json"
        file.write_text(json.dumps(self.blueprint))
        return file


def make(moto: str) -> Organization:
    """Makes the organization in moto."""
    organizations: Any = client("organizations", moto, ACCOUNT)
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]
    for service in TRUSTED:
        organizations.enable_aws_service_access(ServicePrincipal=service)
    root = organizations.list_roots()["Roots"][0]["Id"]
    units: dict[str, str] = {}
    for name, above in UNITS.items():
        parent = units[above] if above else root
        unit = organizations.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]
        units[name] = unit["Id"]
    accounts = {}
    for name, unit in ACCOUNTS.items():
        status = organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
        accounts[name] = status["AccountId"]
        if unit:
            way = {"SourceParentId": root, "DestinationParentId": units[unit]}
            organizations.move_account(AccountId=accounts[name], **way)
        if tags := [{"Key": key, "Value": value} for key, value in TAGS.get(name, {}).items()]:
            organizations.tag_resource(ResourceId=accounts[name], Tags=tags)
    management = organizations.describe_account(AccountId=ACCOUNT)["Account"]["Name"]
    blueprint = {
        "organization": made["Id"],
        "management_account": ACCOUNT,
        "root": root,
        "units": [{"id": id, "name": name, "parent": units.get(UNITS[name] or "", root)} for name, id in units.items()],
        "accounts": [
            {"id": ACCOUNT, "name": management, "parent": root},
            *(
                {"id": id, "name": name, "parent": units.get(ACCOUNTS[name] or "", root), "tags": TAGS.get(name, {})}
                for name, id in accounts.items()
            ),
        ],
    }
    return Organization(made["Id"], root, units, accounts, blueprint)
