"""Marketplace Agreement: a buyer's reads. Played twice, as the service speaks CBOR and JSON."""

from typing import Any

from ..desk import Desk

MEMBER = "318204957731"
AGREEMENT, NO_AGREEMENT = "agmt-3fq8d0zk1yv6m7n2wq5tb9xhe", "agmt-0000000000000000000000000"
SKU = "prod-v5h2xk8qm4tza"
SECOND = {
    "agreement": "agmt-6t1m9c4x2ka8p0vz7rd3hq5nw",
    "license": "l-1b7e93c5d0f24a868e2c47b91d6fa035",
    "sku": "prod-c3n7wq1zt9fks",
    "product": "Example Monitoring",
    "product_type": "SaaSProduct",
    "proposer": "640218890143",
    "offer": "offer-m4d8v1ks6zqy",
}
MINE = [{"name": "PartyType", "values": ["Acceptor"]}, {"name": "AgreementType", "values": ["PurchaseAgreement"]}]


def play(desk: Desk) -> None:
    """Everything."""
    desk.simulator.control("purchase")
    pending = entitlements(desk)
    desk.expect("GetAgreementEntitlements", "licenseArn", "licenseArn" not in pending, "not yet", pending)
    desk.simulator.pass_time(5)
    provisioned = entitlements(desk)
    desk.expect("GetAgreementEntitlements", "licenseArn", "licenseArn" in provisioned, "a license", provisioned)
    for operation in ("GetAgreementEntitlements", "DescribeAgreement"):
        desk.refused(operation, "ResourceNotFoundException", agreementId=NO_AGREEMENT)
        desk.refused(operation, "ResourceNotFoundException", by=MEMBER, agreementId=AGREEMENT)
    desk.refused("GetAgreementEntitlements", "ValidationException", agreementId=AGREEMENT, nextToken="made-up")
    described = desk.call("DescribeAgreement", agreementId=AGREEMENT)
    desk.expect("DescribeAgreement", "status", described["status"] == "ACTIVE", "ACTIVE", described)

    desk.simulator.control("purchase", acceptor=desk.simulator.account, **SECOND)
    desk.simulator.pass_time(5)
    desk.call("DescribeAgreement", agreementId=SECOND["agreement"])
    search(desk)
    ended(desk)


def entitlements(desk: Desk) -> dict[str, Any]:
    """The one entitlement of the agreement."""
    found = desk.call("GetAgreementEntitlements", agreementId=AGREEMENT, maxResults=50)["agreementEntitlements"]
    desk.expect("GetAgreementEntitlements", "agreementEntitlements", len(found) == 1, "one", found)
    entitlement: dict[str, Any] = found[0]
    return entitlement


def search(desk: Desk) -> None:
    """Agreements by what they are of."""
    oldest_first = {"sortBy": "EndTime", "sortOrder": "ASCENDING"}
    everything = desk.call("SearchAgreements", catalog="AWSMarketplace", filters=MINE, sort=oldest_first)
    ids = [agreement["agreementId"] for agreement in everything["agreementViewSummaries"]]
    desk.expect("SearchAgreements", "agreementViewSummaries", ids == [AGREEMENT, SECOND["agreement"]], "both", ids)
    desk.call("SearchAgreements", catalog="AWSMarketplace", filters=MINE, sort={"sortBy": "EndTime"})
    paged = desk.pages("SearchAgreements", "agreementViewSummaries", token="nextToken", filters=MINE, maxResults=1)
    desk.expect("SearchAgreements", "agreementViewSummaries", len(paged) == 2, "both", paged)
    for name, value, count in (
        ("ResourceIdentifier", SKU, 1),
        ("ResourceType", "SaaSProduct", 1),
        ("OfferId", str(SECOND["offer"]), 1),
        ("Status", "ACTIVE", 2),
        ("Status", "EXPIRED", 0),
        ("BeforeEndTime", "2099-01-01T00:00:00Z", 2),
        ("AfterEndTime", "2099-01-01T00:00:00Z", 0),
    ):
        found = desk.call("SearchAgreements", filters=[*MINE, {"name": name, "values": [value]}])
        summaries = found["agreementViewSummaries"]
        desk.expect("SearchAgreements", name, len(summaries) == count, f"{count} with {value}", summaries)
    desk.refused("SearchAgreements", "ValidationException", filters=MINE[:1])
    desk.refused("SearchAgreements", "ValidationException", filters=[*MINE, {"name": "Nonsense", "values": ["x"]}])
    desk.refused("SearchAgreements", "ValidationException", filters=MINE, nextToken="made-up")
    nobody = desk.call("SearchAgreements", by=MEMBER, filters=MINE)
    desk.expect("SearchAgreements", "others", nobody["agreementViewSummaries"] == [], "nothing", nobody)


def ended(desk: Desk) -> None:
    """What is left of an agreement that is over."""
    desk.simulator.control("end", agreement=AGREEMENT, status="CANCELLED")
    desk.simulator.pass_time(5)
    over = desk.call("DescribeAgreement", agreementId=AGREEMENT)
    desk.expect("DescribeAgreement", "status", over["status"] == "CANCELLED", "CANCELLED", over)
    desk.call("GetAgreementEntitlements", agreementId=AGREEMENT)
    desk.call("SearchAgreements", filters=[*MINE, {"name": "Status", "values": ["CANCELLED"]}])
