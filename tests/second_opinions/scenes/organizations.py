"""Organizations: the organization read from the top down, and what its administrator changes."""

from typing import Any

from ..desk import Desk

MEMBER, SUSPENDED, STRANGER = "318204957731", "730912846625", "999988887777"
# One that is closed, and one that leaves.
SPARE, LEAVER = "611029384756", "674839201583"
UNIT, NO_UNIT = "ou-9xk2-h3n8d1pw", "ou-9xk2-00000000"
SERVICE = "config.amazonaws.com"


def play(desk: Desk) -> None:
    """Everything."""
    root = reads(desk)
    listings(desk, root)
    moves(desk, root)
    tags(desk, root)
    trusted_access(desk)
    administrators(desk)
    units(desk, root)
    creations(desk)
    closures(desk)
    strangers(desk)
    departures(desk)


def reads(desk: Desk) -> str:
    """What describes one thing; returns the root's id."""
    desk.call("DescribeOrganization")
    desk.call("DescribeOrganization", by=MEMBER)
    desk.call("DescribeOrganization", by=SUSPENDED)
    desk.call("DescribeAccount", AccountId=MEMBER)
    closed = desk.call("DescribeAccount", AccountId=SUSPENDED)["Account"]
    desk.expect("DescribeAccount", "Status", closed["Status"] == "SUSPENDED", "SUSPENDED", closed)
    desk.refused("DescribeAccount", "AccountNotFoundException", AccountId=STRANGER)
    desk.refused("DescribeAccount", "AccessDeniedException", by=MEMBER, AccountId=MEMBER)
    desk.call("DescribeOrganizationalUnit", OrganizationalUnitId=UNIT)
    desk.refused("DescribeOrganizationalUnit", "OrganizationalUnitNotFoundException", OrganizationalUnitId=NO_UNIT)
    desk.refused("DescribeOrganizationalUnit", "AccessDeniedException", by=MEMBER, OrganizationalUnitId=UNIT)
    roots = desk.call("ListRoots")["Roots"] or desk.call("ListRoots", MaxResults=20)["Roots"]
    desk.expect("ListRoots", "Roots", len(roots) == 1, "one", roots)
    return str(roots[0]["Id"])


def whole(desk: Desk, operation: str, member: str, **params: Any) -> list[Any]:
    """A listing in as many pages as it likes: it may be short, and any page may be empty."""
    items: list[Any] = []
    while True:
        page = desk.call(operation, **params)
        items += page[member]
        if not page.get("NextToken"):
            return items
        params["NextToken"] = page["NextToken"]


def listings(desk: Desk, root: str) -> None:
    """Every listing, in pages, of what is and what is not."""
    accounts = desk.pages("ListAccounts", "Accounts", MaxResults=3)
    ids = [account["Id"] for account in accounts]
    desk.expect("ListAccounts", "Accounts", len(set(ids)) == len(ids) == 10, "ten, each once", ids)
    desk.simulator.set_knobs(account_paths=False, account_state=False)
    bare = whole(desk, "ListAccounts", "Accounts")
    desk.expect("ListAccounts", "Accounts", len(bare) == 10, "ten", bare)
    desk.simulator.set_knobs(account_paths=True, account_state=True)
    desk.refused("ListAccounts", "InvalidInputException", NextToken="made up")

    children = {"ListAccountsForParent": "Accounts", "ListOrganizationalUnitsForParent": "OrganizationalUnits"}
    for operation, member in children.items():
        for parent in (root, UNIT):
            whole(desk, operation, member, ParentId=parent, MaxResults=1)
        desk.refused(operation, "ParentNotFoundException", ParentId=NO_UNIT)
        desk.refused(operation, "InvalidInputException", ParentId=root, NextToken="made up")
    for kind in ("ACCOUNT", "ORGANIZATIONAL_UNIT"):
        whole(desk, "ListChildren", "Children", ParentId=root, ChildType=kind, MaxResults=1)
        whole(desk, "ListChildren", "Children", ParentId=UNIT, ChildType=kind)
    desk.refused("ListChildren", "ParentNotFoundException", ParentId=NO_UNIT, ChildType="ACCOUNT")

    of_account = whole(desk, "ListParents", "Parents", ChildId=MEMBER, MaxResults=1)
    of_unit = whole(desk, "ListParents", "Parents", ChildId=UNIT)
    desk.expect("ListParents", "Parents", of_unit == [{"Id": root, "Type": "ROOT"}], "the root", of_unit)
    desk.expect("ListParents", "Parents", len(of_account) == 1, "one", of_account)
    desk.refused("ListParents", "ChildNotFoundException", ChildId=STRANGER)


def moves(desk: Desk, root: str) -> None:
    """An account goes from unit to unit; every wrong way to say it."""
    parent = whole(desk, "ListParents", "Parents", ChildId=MEMBER)[0]["Id"]
    way = {"AccountId": MEMBER, "SourceParentId": parent, "DestinationParentId": UNIT}
    desk.refused("MoveAccount", "AccountNotFoundException", **(way | {"AccountId": STRANGER}))
    desk.refused("MoveAccount", "SourceParentNotFoundException", **(way | {"SourceParentId": NO_UNIT}))
    desk.refused("MoveAccount", "DestinationParentNotFoundException", **(way | {"DestinationParentId": NO_UNIT}))
    desk.refused("MoveAccount", "DuplicateAccountException", **(way | {"DestinationParentId": parent}))
    desk.refused("MoveAccount", "AccessDeniedException", by=MEMBER, **way)
    desk.call("MoveAccount", **way)
    now = whole(desk, "ListParents", "Parents", ChildId=MEMBER)
    desk.expect("MoveAccount", "parent", now[0]["Id"] == UNIT, UNIT, now)
    desk.call("MoveAccount", AccountId=MEMBER, SourceParentId=UNIT, DestinationParentId=root)


def tags(desk: Desk, root: str) -> None:
    """Tags of an account, and of what has none."""
    before = whole(desk, "ListTagsForResource", "Tags", ResourceId=MEMBER)
    desk.call("TagResource", ResourceId=MEMBER, Tags=[{"Key": "team", "Value": "search"}, {"Key": "new", "Value": ""}])
    after = whole(desk, "ListTagsForResource", "Tags", ResourceId=MEMBER)
    desk.expect("TagResource", "Tags", {"Key": "team", "Value": "search"} in after, "the new value", after)
    desk.call("UntagResource", ResourceId=MEMBER, TagKeys=["new", "never there"])
    last = whole(desk, "ListTagsForResource", "Tags", ResourceId=MEMBER)
    desk.expect("UntagResource", "Tags", len(last) == len(before), "as many as before", last)
    for thing in (root, UNIT):
        whole(desk, "ListTagsForResource", "Tags", ResourceId=thing)
    desk.refused("ListTagsForResource", "TargetNotFoundException", ResourceId=STRANGER)
    desk.refused("TagResource", "TargetNotFoundException", ResourceId=STRANGER, Tags=[{"Key": "a", "Value": "b"}])
    desk.refused("UntagResource", "TargetNotFoundException", ResourceId=STRANGER, TagKeys=["a"])
    for thing in (root, UNIT):
        desk.call("TagResource", ResourceId=thing, Tags=[{"Key": "cost center", "Value": "7"}])
        found = whole(desk, "ListTagsForResource", "Tags", ResourceId=thing)
        desk.expect("TagResource", "Tags", found == [{"Key": "cost center", "Value": "7"}], "the tag", found)
        desk.call("UntagResource", ResourceId=thing, TagKeys=["cost center"])


def trusted_access(desk: Desk) -> None:
    """Services that may act in the organization, and accounts that administer one for it."""
    desk.call("EnableAWSServiceAccess", ServicePrincipal=SERVICE)
    enabled = whole(desk, "ListAWSServiceAccessForOrganization", "EnabledServicePrincipals", MaxResults=1)
    names = {entry["ServicePrincipal"] for entry in enabled}
    desk.expect("EnableAWSServiceAccess", "ServicePrincipal", SERVICE in names, SERVICE, names)
    desk.call("EnableAWSServiceAccess", ServicePrincipal=SERVICE)
    desk.call("DisableAWSServiceAccess", ServicePrincipal=SERVICE)
    desk.call("DisableAWSServiceAccess", ServicePrincipal=SERVICE)
    desk.refused("DisableAWSServiceAccess", "AccessDeniedException", by=MEMBER, ServicePrincipal=SERVICE)
    desk.refused("EnableAWSServiceAccess", "AccessDeniedException", by=MEMBER, ServicePrincipal=SERVICE)


def administrators(desk: Desk) -> None:
    """A member that administers a service for the organization."""
    one = {"AccountId": MEMBER, "ServicePrincipal": "license-manager.amazonaws.com"}
    desk.refused("ListDelegatedServicesForAccount", "AccountNotRegisteredException", AccountId=MEMBER)
    desk.call("RegisterDelegatedAdministrator", **one)
    desk.refused("RegisterDelegatedAdministrator", "AccountAlreadyRegisteredException", **one)
    desk.refused("RegisterDelegatedAdministrator", "AccountNotFoundException", **(one | {"AccountId": STRANGER}))
    management = one | {"AccountId": desk.simulator.account}
    desk.refused("RegisterDelegatedAdministrator", "ConstraintViolationException", **management)
    untrusted = one | {"ServicePrincipal": SERVICE}
    desk.refused("RegisterDelegatedAdministrator", "ConstraintViolationException", **untrusted)
    listed = whole(desk, "ListDelegatedAdministrators", "DelegatedAdministrators", MaxResults=1)
    desk.expect("ListDelegatedAdministrators", "Id", [entry["Id"] for entry in listed] == [MEMBER], MEMBER, listed)
    service = {"ServicePrincipal": one["ServicePrincipal"]}
    whole(desk, "ListDelegatedAdministrators", "DelegatedAdministrators", **service)
    whole(desk, "ListDelegatedServicesForAccount", "DelegatedServices", AccountId=MEMBER, MaxResults=1)
    desk.refused("ListDelegatedServicesForAccount", "AccountNotFoundException", AccountId=STRANGER)
    # It may read, and change nothing.
    desk.call("ListRoots", by=MEMBER)
    desk.refused("TagResource", "AccessDeniedException", by=MEMBER, ResourceId=MEMBER, Tags=[])
    desk.call("DeregisterDelegatedAdministrator", **one)
    desk.refused("DeregisterDelegatedAdministrator", "AccountNotRegisteredException", **one)
    desk.refused("DeregisterDelegatedAdministrator", "AccountNotFoundException", **(one | {"AccountId": STRANGER}))


def units(desk: Desk, root: str) -> None:
    """Units come, are renamed, and go."""
    label = [{"Key": "cost center", "Value": "7"}]
    made = desk.call("CreateOrganizationalUnit", ParentId=root, Name="Opinions", Tags=label)["OrganizationalUnit"]
    inner = desk.call("CreateOrganizationalUnit", ParentId=made["Id"], Name="Opinions")["OrganizationalUnit"]
    desk.refused("CreateOrganizationalUnit", "DuplicateOrganizationalUnitException", ParentId=root, Name="Opinions")
    desk.refused("CreateOrganizationalUnit", "ParentNotFoundException", ParentId=NO_UNIT, Name="Opinions")
    unit = {"OrganizationalUnitId": inner["Id"]}
    renamed = desk.call("UpdateOrganizationalUnit", **unit, Name="Second opinions")["OrganizationalUnit"]
    desk.expect("UpdateOrganizationalUnit", "Name", renamed["Name"] == "Second opinions", "the new one", renamed)
    desk.call("UpdateOrganizationalUnit", **unit)
    nowhere = {"OrganizationalUnitId": NO_UNIT}
    desk.refused("UpdateOrganizationalUnit", "OrganizationalUnitNotFoundException", **nowhere, Name="x")
    desk.refused("DeleteOrganizationalUnit", "OrganizationalUnitNotFoundException", **nowhere)
    outer = {"OrganizationalUnitId": made["Id"]}
    desk.refused("DeleteOrganizationalUnit", "OrganizationalUnitNotEmptyException", **outer)
    desk.call("DeleteOrganizationalUnit", **unit)
    desk.call("DeleteOrganizationalUnit", **outer)


def creations(desk: Desk) -> None:
    """Accounts are made, which takes a while and may fail."""
    address = "second.opinion@example.com"
    label = [{"Key": "env", "Value": "dev"}]
    asked = desk.call("CreateAccount", Email=address, AccountName="second opinion", Tags=label, RoleName="x")
    request = {"CreateAccountRequestId": asked["CreateAccountStatus"]["Id"]}
    desk.call("DescribeCreateAccountStatus", **request)
    desk.simulator.pass_time(60)
    done = desk.call("DescribeCreateAccountStatus", **request)["CreateAccountStatus"]
    desk.expect("DescribeCreateAccountStatus", "State", done["State"] == "SUCCEEDED", "SUCCEEDED", done)
    desk.call("DescribeAccount", AccountId=done["AccountId"])
    again = desk.call("CreateAccount", Email=address, AccountName="again", IamUserAccessToBilling="DENY")
    desk.simulator.pass_time(60)
    request = {"CreateAccountRequestId": again["CreateAccountStatus"]["Id"]}
    failed = desk.call("DescribeCreateAccountStatus", **request)["CreateAccountStatus"]
    desk.expect("DescribeCreateAccountStatus", "State", failed["State"] == "FAILED", "FAILED", failed)
    nothing = {"CreateAccountRequestId": "car-00000000"}
    desk.refused("DescribeCreateAccountStatus", "CreateAccountStatusNotFoundException", **nothing)
    desk.refused("CreateAccount", "AccessDeniedException", by=MEMBER, Email=address, AccountName="no")
    everything = whole(desk, "ListCreateAccountStatus", "CreateAccountStatuses", MaxResults=1)
    desk.expect("ListCreateAccountStatus", "CreateAccountStatuses", len(everything) == 2, "both", everything)
    some = whole(desk, "ListCreateAccountStatus", "CreateAccountStatuses", States=["FAILED"])
    desk.expect("ListCreateAccountStatus", "States", len(some) == 1, "one", some)


def closures(desk: Desk) -> None:
    """An account is closed."""
    desk.call("CloseAccount", AccountId=SPARE)
    desk.refused("CloseAccount", "ConflictException", AccountId=SPARE)
    pending = desk.call("DescribeAccount", AccountId=SPARE)["Account"]
    desk.expect("CloseAccount", "Status", pending["Status"] == "PENDING_CLOSURE", "PENDING_CLOSURE", pending)
    desk.simulator.pass_time(60)
    desk.call("DescribeAccount", AccountId=SPARE)
    desk.refused("CloseAccount", "AccountAlreadyClosedException", AccountId=SPARE)
    desk.refused("CloseAccount", "AccountNotFoundException", AccountId=STRANGER)
    desk.refused("CloseAccount", "ConstraintViolationException", AccountId=desk.simulator.account)


def departures(desk: Desk) -> None:
    """Accounts leave."""
    management = desk.simulator.account
    desk.call("RemoveAccountFromOrganization", AccountId=MEMBER)
    desk.refused("RemoveAccountFromOrganization", "AccountNotFoundException", AccountId=MEMBER)
    left = "MasterCannotLeaveOrganizationException"
    desk.refused("RemoveAccountFromOrganization", left, AccountId=management)
    desk.refused("LeaveOrganization", left, by=management)
    desk.call("LeaveOrganization", by=LEAVER)
    desk.refused("LeaveOrganization", "AWSOrganizationsNotInUseException", by=LEAVER)
    desk.refused("DescribeAccount", "AccountNotFoundException", AccountId=LEAVER)


def strangers(desk: Desk) -> None:
    """An account of no organization, and a member that is no administrator."""
    for operation in ("DescribeOrganization", "ListAccounts", "ListRoots"):
        desk.refused(operation, "AWSOrganizationsNotInUseException", by=STRANGER)
    for operation in (
        "ListAccounts",
        "ListRoots",
        "ListAWSServiceAccessForOrganization",
        "ListDelegatedAdministrators",
    ):
        desk.refused(operation, "AccessDeniedException", by=MEMBER)
