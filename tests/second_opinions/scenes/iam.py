"""IAM: the roles that services make for themselves, which is all that anybody looks for."""

from typing import Any

from ..desk import Desk

MEMBER = "318204957731"
LICENSE_MANAGER = "AWSServiceRoleForAWSLicenseManagerRole"
MARKETPLACE = "AWSServiceRoleForMarketplaceLicenseManagement"


def play(desk: Desk) -> None:
    """Everything."""
    role = desk.call("GetRole", RoleName=LICENSE_MANAGER)["Role"]
    path = "/aws-service-role/license-manager.amazonaws.com/"
    desk.expect("GetRole", "Path", role["Path"] == path, path, role)
    desk.call("GetRole", by=MEMBER, RoleName=MARKETPLACE)
    desk.refused("GetRole", "NoSuchEntity", RoleName="nobody")
    roles = whole(desk, "ListRoles", "Roles")
    names = [entry["RoleName"] for entry in roles]
    desk.expect("ListRoles", "Roles", LICENSE_MANAGER in names, LICENSE_MANAGER, names)
    paged = whole(desk, "ListRoles", "Roles", MaxItems=1)
    desk.expect("ListRoles", "MaxItems", [entry["RoleName"] for entry in paged] == names, "the same", paged)
    few = whole(desk, "ListRoles", "Roles", PathPrefix=path)
    desk.expect("ListRoles", "PathPrefix", len(few) == 1, "one", few)
    whole(desk, "ListRoles", "Roles", by=MEMBER)
    desk.refused("ListRoles", "ValidationError", Marker="made up")

    for operation, member in (("ListRolePolicies", "PolicyNames"), ("ListAttachedRolePolicies", "AttachedPolicies")):
        whole(desk, operation, member, RoleName=LICENSE_MANAGER)
        whole(desk, operation, member, RoleName=LICENSE_MANAGER, MaxItems=1)
        desk.refused(operation, "NoSuchEntity", RoleName="nobody")
        desk.refused(operation, "ValidationError", RoleName=LICENSE_MANAGER, Marker="made up")
    for name, policy in ((LICENSE_MANAGER, "nothing"), ("nobody", "nothing"), (MARKETPLACE, "x")):
        desk.refused("GetRolePolicy", "NoSuchEntity", RoleName=name, PolicyName=policy)

    taken = {"AWSServiceName": "license-manager.amazonaws.com"}
    desk.refused("CreateServiceLinkedRole", "InvalidInput", **taken)
    desk.refused("CreateServiceLinkedRole", "InvalidInput", AWSServiceName="nobody.amazonaws.com")
    # The management account has no need of the members' role, but may have it.
    members = {"AWSServiceName": "license-manager.member-account.amazonaws.com"}
    made = desk.call("CreateServiceLinkedRole", **members, Description="a sample")["Role"]
    same = desk.call("GetRole", RoleName=made["RoleName"])["Role"]
    desk.expect("GetRole", "Role", same["Arn"] == made["Arn"], "the role that was made", same)


def whole(desk: Desk, operation: str, member: str, **params: Any) -> list[Any]:
    """A listing in as many pages as it likes."""
    items: list[Any] = []
    while True:
        page = desk.call(operation, **params)
        items += page[member]
        desk.expect(operation, "Marker", page.get("IsTruncated", False) == ("Marker" in page), "if truncated", page)
        if not page.get("IsTruncated"):
            return items
        params["Marker"] = page["Marker"]
