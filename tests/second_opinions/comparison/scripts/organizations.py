"""Organizations: the same organization read in both, then changed in both."""

from ..player import Player

NOBODY, NO_UNIT = "999988887777", "ou-aaaa-00000000"
SERVICE = "guardduty.amazonaws.com"


def play(ask: Player) -> None:
    """Everything."""
    root, units, accounts = ask.organization.root, ask.organization.units, ask.organization.accounts
    read(ask)
    tags(ask)

    way = {"SourceParentId": units["Production"], "DestinationParentId": units["Sandbox"]}
    ask("MoveAccount", AccountId=NOBODY, **way)
    ask("MoveAccount", AccountId=accounts["search"], **(way | {"SourceParentId": NO_UNIT}))
    ask("MoveAccount", AccountId=accounts["search"], **(way | {"DestinationParentId": NO_UNIT}))
    ask("MoveAccount", AccountId=accounts["search"], **way)
    ask.whole("ListParents", "Parents", ChildId=accounts["search"])
    ask.whole("ListAccountsForParent", "Accounts", ParentId=units["Sandbox"])
    # Where it is, but not from where it is: wherever that leaves it, it is where it was.
    ask("MoveAccount", AccountId=accounts["audit"], SourceParentId=units["Sandbox"], DestinationParentId=root)

    ask("EnableAWSServiceAccess", ServicePrincipal=SERVICE)
    ask("EnableAWSServiceAccess", ServicePrincipal=SERVICE)
    ask.whole("ListAWSServiceAccessForOrganization", "EnabledServicePrincipals")
    ask("DisableAWSServiceAccess", ServicePrincipal=SERVICE)
    ask.whole("ListAWSServiceAccessForOrganization", "EnabledServicePrincipals")
    administrators(ask)
    change(ask)


def administrators(ask: Player) -> None:
    """A member that administers a service."""
    member = ask.organization.accounts["audit"]
    ask.whole("ListDelegatedAdministrators", "DelegatedAdministrators")
    ask("EnableAWSServiceAccess", ServicePrincipal=SERVICE)
    one = {"AccountId": member, "ServicePrincipal": SERVICE}
    ask("RegisterDelegatedAdministrator", **one)
    ask("RegisterDelegatedAdministrator", **one)
    ask("RegisterDelegatedAdministrator", **(one | {"AccountId": NOBODY}))
    ask("RegisterDelegatedAdministrator", **(one | {"AccountId": ask.account}))
    ask.whole("ListDelegatedAdministrators", "DelegatedAdministrators")
    ask.whole("ListDelegatedAdministrators", "DelegatedAdministrators", ServicePrincipal=SERVICE)
    ask.whole("ListDelegatedServicesForAccount", "DelegatedServices", AccountId=member)
    ask.whole("ListDelegatedServicesForAccount", "DelegatedServices", AccountId=ask.organization.accounts["search"])
    ask.whole("ListDelegatedServicesForAccount", "DelegatedServices", AccountId=NOBODY)
    ask("DeregisterDelegatedAdministrator", **one)
    ask("DeregisterDelegatedAdministrator", **one)
    ask("DisableAWSServiceAccess", ServicePrincipal=SERVICE)


def change(ask: Player) -> None:
    """Units and accounts come and go."""
    root, units, accounts = ask.organization.root, ask.organization.units, ask.organization.accounts
    label = [{"Key": "cost center", "Value": "7"}]
    made = ask("CreateOrganizationalUnit", ParentId=root, Name="Opinions", Tags=label)
    unit = {"OrganizationalUnitId": ask.name("unit", made["OrganizationalUnit"]["Id"])}
    ask.whole("ListTagsForResource", "Tags", ResourceId=unit["OrganizationalUnitId"])
    ask("UpdateOrganizationalUnit", **unit, Name="Second opinions")
    ask("UpdateOrganizationalUnit", OrganizationalUnitId=NO_UNIT, Name="x")
    ask("CreateOrganizationalUnit", ParentId=NO_UNIT, Name="Opinions")
    ask("DeleteOrganizationalUnit", **unit)
    ask("DescribeOrganizationalUnit", **unit)
    ask("DeleteOrganizationalUnit", OrganizationalUnitId=NO_UNIT)
    status = ask("CreateAccount", Email="opinion@example.com", AccountName="opinion", Tags=label)
    request = {"CreateAccountRequestId": ask.name("request", status["CreateAccountStatus"]["Id"])}
    ask.pass_time(60)
    made = ask("DescribeCreateAccountStatus", **request)["CreateAccountStatus"]
    ask.name("account", made["AccountId"])
    ask("DescribeCreateAccountStatus", CreateAccountRequestId="car-00000000")
    ask.whole("ListTagsForResource", "Tags", ResourceId=made["AccountId"])
    ask("DescribeAccount", AccountId=made["AccountId"])
    ask("CloseAccount", AccountId=made["AccountId"])
    ask.pass_time(60)
    ask("DescribeAccount", AccountId=made["AccountId"])
    ask("CloseAccount", AccountId=NOBODY)
    ask("RemoveAccountFromOrganization", AccountId=accounts["playground"])
    ask("RemoveAccountFromOrganization", AccountId=NOBODY)
    ask.whole("ListAccountsForParent", "Accounts", ParentId=units["Sandbox"])


def read(ask: Player) -> None:
    """Every read, of what is and what is not."""
    root, units, accounts = ask.organization.root, ask.organization.units, ask.organization.accounts
    ask("DescribeOrganization")
    ask.whole("ListRoots", "Roots")
    ask.whole("ListAccounts", "Accounts")
    ask.whole("ListAccounts", "Accounts", MaxResults=2)
    for account in (ask.account, accounts["payments"], NOBODY):
        ask("DescribeAccount", AccountId=account)
    for unit in (units["Production"], NO_UNIT):
        ask("DescribeOrganizationalUnit", OrganizationalUnitId=unit)
    for parent in (root, units["Production"], units["Workloads"], NO_UNIT):
        ask.whole("ListAccountsForParent", "Accounts", ParentId=parent)
        ask.whole("ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)
        for kind in ("ACCOUNT", "ORGANIZATIONAL_UNIT"):
            ask.whole("ListChildren", "Children", ParentId=parent, ChildType=kind)
    ask.whole("ListChildren", "Children", ParentId=root, ChildType="NONSENSE")
    for child in (accounts["payments"], accounts["audit"], units["Production"], units["Sandbox"], NOBODY):
        ask.whole("ListParents", "Parents", ChildId=child)


def tags(ask: Player) -> None:
    """Tags of accounts, units and the root."""
    root, units, accounts = ask.organization.root, ask.organization.units, ask.organization.accounts
    for thing in (accounts["payments"], accounts["audit"], units["Production"], root, NOBODY):
        ask.whole("ListTagsForResource", "Tags", ResourceId=thing)
    for thing in (accounts["payments"], units["Production"], root, NOBODY):
        ask("TagResource", ResourceId=thing, Tags=[{"Key": "team", "Value": "search"}, {"Key": "new", "Value": ""}])
        ask.whole("ListTagsForResource", "Tags", ResourceId=thing)
        ask("UntagResource", ResourceId=thing, TagKeys=["new", "never there"])
        ask.whole("ListTagsForResource", "Tags", ResourceId=thing)
