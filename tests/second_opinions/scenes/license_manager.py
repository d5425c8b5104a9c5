"""License Manager: a license from purchase to end, and grants of it to accounts, units and the organization."""

from itertools import count
from typing import Any

from ..desk import Desk

PAYMENTS, SEARCH, DEVELOPMENT = "318204957731", "402958173646", "519283746501"
STRANGER = "999988887777"
UNIT = "ou-9xk2-h3n8d1pw"
SKU = "prod-v5h2xk8qm4tza"
OPERATIONS = ["CheckoutLicense", "CheckInLicense", "ExtendConsumptionLicense"]
NOWHERE = "arn:aws:license-manager::210987654321:grant:g-00000000000000000000000000000000"
NO_LICENSE = "arn:aws:license-manager::294406891311:license:l-00000000000000000000000000000000"

tokens = (f"token-{number}" for number in count())


def play(desk: Desk) -> None:
    """Everything."""
    settings(desk)
    desk.simulator.control("purchase")
    license_arn = licenses(desk)
    issued(desk, license_arn)
    account_grants(desk, license_arn)
    organization_grant(desk, license_arn)
    listings(desk, license_arn)
    endings(desk, license_arn)


def settings(desk: Desk) -> None:
    """Linking License Manager and the organization."""
    desk.call("GetServiceSettings")
    desk.call("UpdateServiceSettings", OrganizationConfiguration={"EnableIntegration": False})
    off = desk.call("GetServiceSettings")["OrganizationConfiguration"]
    desk.expect("GetServiceSettings", "OrganizationConfiguration", off == {"EnableIntegration": False}, "off", off)
    desk.call("UpdateServiceSettings", OrganizationConfiguration={"EnableIntegration": True})
    on = desk.call("GetServiceSettings")["OrganizationConfiguration"]
    desk.expect("GetServiceSettings", "OrganizationConfiguration", on == {"EnableIntegration": True}, "on", on)
    desk.call("UpdateServiceSettings")
    desk.refused(
        "UpdateServiceSettings",
        "AccessDeniedException",
        by=PAYMENTS,
        OrganizationConfiguration={"EnableIntegration": False},
    )


def licenses(desk: Desk) -> str:
    """What the holder sees once Marketplace has made the license."""
    empty = desk.call("ListReceivedLicenses")["Licenses"]
    desk.expect("ListReceivedLicenses", "Licenses", empty == [], "nothing yet", empty)
    desk.simulator.pass_time(5)
    found = desk.call("ListReceivedLicenses", Filters=[{"Name": "ProductSKU", "Values": [SKU]}])["Licenses"]
    desk.expect("ListReceivedLicenses", "Licenses", len(found) == 1, "one license", found)
    arn = str(found[0]["LicenseArn"])
    for name, value in {
        "Status": found[0]["Status"],
        "IssuerName": found[0]["Issuer"]["Name"],
        "Fingerprint": found[0]["Issuer"]["KeyFingerprint"],
        "Beneficiary": found[0]["Beneficiary"],
    }.items():
        same = desk.call("ListReceivedLicenses", Filters=[{"Name": name, "Values": [value]}], MaxResults=100)
        desk.expect("ListReceivedLicenses", name, len(same["Licenses"]) == 1, "one license", same)
    desk.call("ListReceivedLicenses", LicenseArns=[arn], MaxResults=1)
    other = desk.call("ListReceivedLicenses", LicenseArns=[NO_LICENSE])["Licenses"]
    desk.expect("ListReceivedLicenses", "LicenseArns", other == [], "nothing", other)
    desk.refused("ListReceivedLicenses", "InvalidParameterValueException", Filters=[{"Name": "sku", "Values": [SKU]}])
    desk.refused("ListReceivedLicenses", "ValidationException", NextToken="made up")

    desk.call("GetLicense", LicenseArn=arn)
    desk.call("GetLicense", LicenseArn=arn, Version=found[0]["Version"])
    desk.refused("GetLicense", "ValidationException", LicenseArn=arn, Version="99")
    desk.refused("GetLicense", "ValidationException", LicenseArn=NO_LICENSE)
    desk.refused("GetLicense", "AuthorizationException", by=PAYMENTS, LicenseArn=arn)
    return arn


def issued(desk: Desk, license_arn: str) -> None:
    """Versions of the license, and what a seller would see."""
    desk.call("ListLicenseVersions", LicenseArn=license_arn)
    desk.call("ListLicenseVersions", LicenseArn=license_arn, MaxResults=1)
    desk.refused("ListLicenseVersions", "InvalidParameterValueException", LicenseArn=NO_LICENSE)
    desk.refused("ListLicenseVersions", "AuthorizationException", by=PAYMENTS, LicenseArn=license_arn)
    none = desk.call("ListLicenses")["Licenses"]
    desk.expect("ListLicenses", "Licenses", none == [], "none, this account issues no licenses", none)
    for name in ("Beneficiary", "ProductSKU", "Fingerprint", "Status"):
        desk.call("ListLicenses", Filters=[{"Name": name, "Values": ["x"]}], MaxResults=1)
    desk.refused("ListLicenses", "InvalidParameterValueException", Filters=[{"Name": "Nonsense", "Values": ["x"]}])


def tags(desk: Desk, grant: str) -> None:
    """Tags of a grant."""
    before = desk.call("ListTagsForResource", ResourceArn=grant)["Tags"]
    desk.expect("CreateGrant", "Tags", before == [{"Key": "team", "Value": "payments"}], "as given", before)
    desk.call("TagResource", ResourceArn=grant, Tags=[{"Key": "team", "Value": "search"}, {"Key": "new", "Value": ""}])
    desk.call("UntagResource", ResourceArn=grant, TagKeys=["new"])
    desk.call("UntagResource", ResourceArn=grant, TagKeys=["never there"])
    after = desk.call("ListTagsForResource", ResourceArn=grant)["Tags"]
    desk.expect("TagResource", "Tags", after == [{"Key": "team", "Value": "search"}], "the new value", after)
    for operation, more in (
        ("TagResource", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("UntagResource", {"TagKeys": ["a"]}),
        ("ListTagsForResource", {}),
    ):
        desk.refused(operation, "ValidationException", ResourceArn=NOWHERE, **more)
        desk.refused(operation, "AuthorizationException", by=SEARCH, ResourceArn=grant, **more)


def consumption(desk: Desk) -> None:
    """What the bought software does in the account that has the grant."""
    checkout = {
        "ProductSKU": SKU,
        "CheckoutType": "PROVISIONAL",
        "KeyFingerprint": "aws:294406891311:AWS/Marketplace:issuer-fingerprint",
        "Entitlements": [{"Name": "AWS::Marketplace::Usage", "Unit": "None"}],
    }
    got = desk.call("CheckoutLicense", by=PAYMENTS, ClientToken=next(tokens), NodeId="node-1", **checkout)
    desk.call("CheckoutLicense", by=PAYMENTS, ClientToken=next(tokens), **checkout)
    token = got["LicenseConsumptionToken"]
    desk.call("CheckInLicense", by=PAYMENTS, LicenseConsumptionToken=token)
    desk.refused("CheckInLicense", "ResourceNotFoundException", by=PAYMENTS, LicenseConsumptionToken=token)
    desk.refused("CheckInLicense", "ResourceNotFoundException", by=PAYMENTS, LicenseConsumptionToken="never there")
    desk.refused("CheckoutLicense", "ResourceNotFoundException", by=SEARCH, ClientToken=next(tokens), **checkout)
    other = checkout | {"ProductSKU": "prod-nothing"}
    desk.refused("CheckoutLicense", "ResourceNotFoundException", by=PAYMENTS, ClientToken=next(tokens), **other)
    more = checkout | {"Entitlements": [{"Name": "Seats", "Unit": "Count", "Value": "1"}]}
    desk.refused("CheckoutLicense", "NoEntitlementsAllowedException", by=PAYMENTS, ClientToken=next(tokens), **more)


def new_grant(license_arn: str, principal: str, **more: Any) -> dict[str, Any]:
    """A whole request for CreateGrant."""
    return {
        "ClientToken": next(tokens),
        "GrantName": "second-opinion",
        "LicenseArn": license_arn,
        "Principals": [principal],
        "HomeRegion": "us-east-1",
        "AllowedOperations": OPERATIONS,
    } | more


def root(account: str) -> str:
    """An account as a principal."""
    return f"arn:aws:iam::{account}:root"


def account_grants(desk: Desk, license_arn: str) -> None:
    """A grant to one account that accepts, and one to an account that does not."""
    desk.simulator.set_knobs(auto_accept_account_grants=False)
    request = new_grant(license_arn, root(PAYMENTS), Tags=[{"Key": "team", "Value": "payments"}])
    made = desk.call("CreateGrant", **request)
    again = desk.call("CreateGrant", **request)
    desk.expect("CreateGrant", "ClientToken", again["GrantArn"] == made["GrantArn"], "the same grant", again)
    arn = made["GrantArn"]
    desk.call("GetGrant", GrantArn=arn)
    desk.simulator.pass_time(5)
    desk.call("GetGrant", GrantArn=arn, by=PAYMENTS)
    desk.refused("AcceptGrant", "ValidationException", GrantArn=arn)
    desk.refused("AcceptGrant", "ValidationException", by=PAYMENTS, GrantArn=NOWHERE)
    desk.call("AcceptGrant", by=PAYMENTS, GrantArn=arn)
    desk.refused("AcceptGrant", "ValidationException", by=PAYMENTS, GrantArn=arn)
    activation = {"ClientToken": next(tokens), "GrantArn": arn, "Status": "ACTIVE"}
    desk.call("CreateGrantVersion", **activation, by=PAYMENTS)
    desk.simulator.pass_time(5)
    active = desk.call("GetGrant", GrantArn=arn)["Grant"]
    desk.expect("GetGrant", "GrantStatus", active["GrantStatus"] == "ACTIVE", "ACTIVE", active)
    desk.call("GetGrant", GrantArn=arn, Version=active["Version"])
    desk.refused("GetGrant", "ValidationException", GrantArn=arn, Version="99")
    desk.refused("GetGrant", "ValidationException", GrantArn=NOWHERE)
    tags(desk, arn)
    consumption(desk)
    desk.call(
        "CreateGrantVersion",
        ClientToken=next(tokens),
        GrantArn=arn,
        GrantName="renamed",
        AllowedOperations=["CheckoutLicense"],
        Status="DISABLED",
        StatusReason="no longer needed",
        SourceVersion=active["Version"],
    )
    desk.refused(
        "CreateGrantVersion",
        "ValidationException",
        ClientToken=next(tokens),
        GrantArn=arn,
        Status="ACTIVE",
        SourceVersion="99",
    )
    desk.simulator.pass_time(5)
    seen = desk.call("GetGrant", GrantArn=arn)["Grant"]
    desk.expect("GetGrant", "StatusReason", seen.get("StatusReason") == "no longer needed", "the reason given", seen)

    rejected = desk.call("CreateGrant", **new_grant(license_arn, root(SEARCH)))["GrantArn"]
    desk.simulator.pass_time(5)
    desk.refused("RejectGrant", "ValidationException", GrantArn=rejected)
    desk.call("RejectGrant", by=SEARCH, GrantArn=rejected)
    desk.refused("RejectGrant", "ValidationException", by=SEARCH, GrantArn=rejected)
    seen = desk.call("GetGrant", GrantArn=rejected)["Grant"]
    desk.expect("GetGrant", "GrantStatus", seen["GrantStatus"] == "REJECTED", "REJECTED", seen)


def organization_grant(desk: Desk, license_arn: str) -> None:
    """One grant for everybody, made and activated, and what is refused on the way."""
    organization = desk.simulator.look("state")["organization"]
    owner = organization["management_account"]
    everybody = f"arn:aws:organizations::{owner}:organization/{organization['id']}"
    unit = f"arn:aws:organizations::{owner}:ou/{organization['id']}/{UNIT}"
    desk.refused("CreateGrant", "ValidationException", **new_grant(license_arn, root(STRANGER)))
    desk.refused("CreateGrant", "ValidationException", **new_grant(NO_LICENSE, everybody))
    desk.refused("CreateGrant", "ValidationException", **new_grant(license_arn, everybody, HomeRegion="eu-west-1"))
    asked = new_grant(license_arn, everybody, AllowedOperations=["CreateGrant"])
    desk.refused("CreateGrant", "ValidationException", **asked)
    asked = new_grant(license_arn, root(DEVELOPMENT), Options={"DesiredStatus": "ACTIVE"})
    desk.refused("CreateGrant", "ValidationException", **asked)
    desk.refused("CreateGrant", "AccessDeniedException", by=SEARCH, **new_grant(license_arn, everybody))

    options = {"DesiredStatus": "ACTIVE", "ActivationOverrideBehavior": "DISTRIBUTED_GRANTS_ONLY"}
    desk.call("CreateGrant", **new_grant(license_arn, unit, Options=options, GrantType="BuyerGrant"))
    made = desk.call("CreateGrant", **new_grant(license_arn, everybody))["GrantArn"]
    desk.simulator.pass_time(5)
    desk.call(
        "CreateGrantVersion",
        ClientToken=next(tokens),
        GrantArn=made,
        Status="ACTIVE",
        Options={"ActivationOverrideBehavior": "ALL_GRANTS_PERMITTED_BY_ISSUER"},
    )
    desk.simulator.pass_time(5)
    seen = desk.call("GetGrant", GrantArn=made)["Grant"]
    desk.expect("GetGrant", "GrantStatus", seen["GrantStatus"] == "WORKFLOW_COMPLETED", "WORKFLOW_COMPLETED", seen)
    options = {"ActivationOverrideBehavior": "DISTRIBUTED_GRANTS_ONLY"}
    desk.refused("CreateGrantVersion", "ValidationException", ClientToken=next(tokens), GrantArn=made, Options=options)


def listings(desk: Desk, license_arn: str) -> None:
    """Every listing, whole, filtered, in pages, and as others see it."""
    desk.simulator.set_knobs(page_size=2)
    by_license = [{"Name": "LicenseArn", "Values": [license_arn]}]
    distributed = desk.pages("ListDistributedGrants", "Grants", Filters=by_license, MaxResults=2)
    arns = [grant["GrantArn"] for grant in distributed]
    desk.expect("ListDistributedGrants", "Grants", len(set(arns)) == len(arns) == 4, "four, each once", arns)
    for name, value in {
        "GrantStatus": "REJECTED",
        "GranteePrincipalARN": root(PAYMENTS),
        "ProductSKU": SKU,
        "LicenseIssuerName": "AWS/Marketplace",
    }.items():
        some = desk.call("ListDistributedGrants", Filters=[{"Name": name, "Values": [value]}])["Grants"]
        desk.expect("ListDistributedGrants", name, len(some) >= 1, "some", some)
    desk.call("ListDistributedGrants", GrantArns=arns[:2])
    wrong = [{"Name": "GranteePrincipalArn", "Values": [root(PAYMENTS)]}]
    desk.refused("ListDistributedGrants", "InvalidParameterValueException", Filters=wrong)
    two = [{"Name": "GrantStatus", "Values": ["ACTIVE", "DISABLED"]}]
    desk.refused("ListDistributedGrants", "InvalidParameterValueException", Filters=two)
    desk.refused("ListDistributedGrants", "ValidationException", NextToken="made up")

    received = desk.pages("ListReceivedGrants", "Grants", by=PAYMENTS)
    for name, value in {
        "ProductSKU": SKU,
        "LicenseIssuerName": "AWS/Marketplace",
        "LicenseArn": license_arn,
        "GrantStatus": "ACTIVE",
        "GranterAccountId": desk.simulator.account,
    }.items():
        desk.call("ListReceivedGrants", by=PAYMENTS, Filters=[{"Name": name, "Values": [value]}], MaxResults=100)
    desk.call("ListReceivedGrants", by=PAYMENTS, GrantArns=[received[0]["GrantArn"]])
    desk.refused(
        "ListReceivedGrants", "InvalidParameterValueException", Filters=[{"Name": "Status", "Values": ["ACTIVE"]}]
    )
    desk.refused("ListReceivedGrants", "ValidationException", NextToken="made up")

    whole = desk.pages("ListReceivedGrantsForOrganization", "Grants", LicenseArn=license_arn, MaxResults=2)
    arns = [grant["GrantArn"] for grant in whole]
    desk.expect("ListReceivedGrantsForOrganization", "Grants", len(set(arns)) == len(arns), "each once", arns)
    for name, value in {"ParentArn": distributed[0]["GrantArn"], "GranteePrincipalArn": root(SEARCH)}.items():
        filters = [{"Name": name, "Values": [value]}]
        desk.call("ListReceivedGrantsForOrganization", LicenseArn=license_arn, Filters=filters)
    wrong = [{"Name": "GranteePrincipalARN", "Values": [root(SEARCH)]}]
    desk.refused(
        "ListReceivedGrantsForOrganization", "InvalidParameterValueException", LicenseArn=license_arn, Filters=wrong
    )
    desk.refused("ListReceivedGrantsForOrganization", "AccessDeniedException", by=SEARCH, LicenseArn=license_arn)

    desk.pages("ListReceivedLicensesForOrganization", "Licenses", MaxResults=2)
    for name, value in {"ProductSKU": SKU, "Beneficiary": PAYMENTS}.items():
        desk.call("ListReceivedLicensesForOrganization", Filters=[{"Name": name, "Values": [value]}])
    wrong = [{"Name": "Status", "Values": ["AVAILABLE"]}]
    desk.refused("ListReceivedLicensesForOrganization", "InvalidParameterValueException", Filters=wrong)
    desk.refused("ListReceivedLicensesForOrganization", "AccessDeniedException", by=SEARCH)
    desk.call("ListReceivedLicenses", by=SEARCH)
    desk.simulator.set_knobs(page_size=100)


def endings(desk: Desk, license_arn: str) -> None:
    """Grants are deleted, the agreement ends, and all of it is still listed."""
    grants = desk.call("ListDistributedGrants")["Grants"]
    mine = next(grant for grant in grants if grant["GranteePrincipalArn"] == root(PAYMENTS))
    desk.refused("DeleteGrant", "ValidationException", GrantArn=mine["GrantArn"], Version="99")
    desk.refused("DeleteGrant", "ValidationException", GrantArn=NOWHERE, Version="1")
    desk.call("DeleteGrant", GrantArn=mine["GrantArn"], Version=mine["Version"], StatusReason="over")
    desk.call("GetGrant", GrantArn=mine["GrantArn"])
    desk.simulator.pass_time(5)
    gone = desk.call("GetGrant", GrantArn=mine["GrantArn"])["Grant"]
    desk.expect("GetGrant", "GrantStatus", gone["GrantStatus"] == "DELETED", "DELETED", gone)
    organization = next(grant for grant in grants if ":organization/" in grant["GranteePrincipalArn"])
    desk.call("DeleteGrant", GrantArn=organization["GrantArn"], Version=organization["Version"])
    desk.simulator.pass_time(5)
    agreement = desk.simulator.look("state")["agreements"][0]["id"]
    desk.simulator.control("end", agreement=agreement, status="CANCELLED")
    desk.simulator.pass_time(5)
    desk.call("GetLicense", LicenseArn=license_arn)
    desk.call("ListReceivedLicenses")
    desk.call("ListDistributedGrants", MaxResults=100)
    desk.call("ListReceivedGrants", by=SEARCH)
    desk.call("ListReceivedGrantsForOrganization", LicenseArn=license_arn)
    desk.call("ListReceivedLicensesForOrganization")
