"""CloudTrail: whether there is a trail, and what it records."""

from ..desk import Desk

MEMBER = "318204957731"
NO_TRAIL = "no-such-trail"


def play(desk: Desk) -> None:
    """Everything."""
    trails = desk.call("DescribeTrails")["trailList"]
    desk.expect("DescribeTrails", "trailList", len(trails) == 1, "the organization's", trails)
    name, arn = trails[0]["Name"], trails[0]["TrailARN"]
    desk.call("DescribeTrails", trailNameList=[name], includeShadowTrails=False)
    desk.call("DescribeTrails", trailNameList=[arn])
    nothing = desk.call("DescribeTrails", trailNameList=[NO_TRAIL])["trailList"]
    desk.expect("DescribeTrails", "trailNameList", nothing == [], "nothing", nothing)
    desk.call("DescribeTrails", by=MEMBER)
    own = desk.call("DescribeTrails", by=MEMBER, includeShadowTrails=False)["trailList"]
    desk.expect("DescribeTrails", "includeShadowTrails", own == [], "none of its own", own)
    desk.refused("DescribeTrails", "InvalidTrailNameException", trailNameList=["x"])
    desk.refused("DescribeTrails", "CloudTrailARNInvalidException", trailNameList=["arn:aws:s3:::x"])
    listed = desk.call("ListTrails")["Trails"]
    desk.expect("ListTrails", "Trails", [trail["TrailARN"] for trail in listed] == [arn], "the same", listed)
    desk.call("ListTrails", by=MEMBER)
    desk.simulator.set_knobs(page_size=1)
    desk.call("ListTrails")

    for operation, member in (("GetTrail", "Name"), ("GetTrailStatus", "Name"), ("GetEventSelectors", "TrailName")):
        desk.call(operation, **{member: name})
        desk.call(operation, **{member: arn})
        desk.refused(operation, "TrailNotFoundException", **{member: NO_TRAIL})
        desk.refused(operation, "InvalidTrailNameException", **{member: "a b c"})
        desk.refused(operation, "CloudTrailARNInvalidException", **{member: "arn:aws:s3:::x"})
    for operation, logs in (("StopLogging", False), ("StartLogging", True)):
        desk.call(operation, Name=name)
        desk.call(operation, Name=arn)
        status = desk.call("GetTrailStatus", Name=name)
        desk.expect(operation, "IsLogging", status["IsLogging"] is logs, str(logs), status)
        desk.refused(operation, "TrailNotFoundException", Name=NO_TRAIL)
        desk.refused(operation, "NotOrganizationMasterAccountException", by=MEMBER, Name=arn)
