"""Service Quotas: how many grants a license may have."""

from ..desk import Desk

MEMBER = "318204957731"
SERVICE = "license-manager"


def play(desk: Desk) -> None:
    """Everything."""
    services = desk.call("ListServices")["Services"]
    codes = [service["ServiceCode"] for service in services]
    desk.expect("ListServices", "ServiceCode", SERVICE in codes, SERVICE, codes)
    desk.call("ListServices", MaxResults=1)
    desk.refused("ListServices", "InvalidPaginationTokenException", NextToken="bWFkZSB1cA==")
    code = ""
    for operation in ("ListServiceQuotas", "ListAWSDefaultServiceQuotas"):
        quotas = desk.call(operation, ServiceCode=SERVICE)["Quotas"]
        grants = [quota for quota in quotas if "grants" in quota["QuotaName"].lower()]
        desk.expect(operation, "Quotas", len(grants) == 1, "the grants of a license", quotas)
        code = grants[0]["QuotaCode"]
        desk.call(operation, by=MEMBER, ServiceCode=SERVICE, MaxResults=1)
        desk.refused(operation, "NoSuchResourceException", ServiceCode="nothing")
        desk.refused(operation, "InvalidPaginationTokenException", ServiceCode=SERVICE, NextToken="bWFkZSB1cA==")
    desk.call("ListServiceQuotas", ServiceCode=SERVICE, QuotaCode=code)
    for operation in ("GetServiceQuota", "GetAWSDefaultServiceQuota"):
        quota = desk.call(operation, ServiceCode=SERVICE, QuotaCode=code)["Quota"]
        desk.expect(operation, "Value", quota["Value"] == 2000, "2000", quota)
        desk.refused(operation, "NoSuchResourceException", ServiceCode=SERVICE, QuotaCode="L-00000000")
        desk.refused(operation, "NoSuchResourceException", ServiceCode="nothing", QuotaCode=code)
