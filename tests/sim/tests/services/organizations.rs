use pretend_aws::{Blueprint, Knobs, Settings, World};
use serde_json::{Value, json};

use crate::ask::{MANAGEMENT, MEMBER, ask, ask_as, told, world};

const TARGET: &str = "AWSOrganizationsV20161128";

fn all(world: &World, operation: &str, member: &str, mut body: Value) -> (Vec<Value>, usize) {
    let (mut items, mut pages) = (Vec::new(), 0);
    loop {
        let answer = told(world, TARGET, operation, &body);
        items.extend(answer[member].as_array().unwrap().clone());
        pages += 1;
        match answer.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => return (items, pages),
        }
    }
}

#[test]
fn empty_pages_come_now_and_then_and_lose_nothing() {
    let world = world();
    let mut some_empty = false;
    for _ in 0..20 {
        let (accounts, pages) = all(&world, "ListAccounts", "Accounts", json!({"MaxResults": 4}));
        assert_eq!(accounts.len(), 10);
        some_empty |= pages > 3;
    }
    assert!(some_empty, "twenty listings without one empty page");
}

#[test]
fn an_account_shows_state_status_and_path_by_knob() {
    let world = world();
    world.set_account_state("730912846625", "CLOSED");
    let ask = |world: &World| {
        told(world, TARGET, "DescribeAccount", &json!({"AccountId": "730912846625"}))["Account"].clone()
    };
    let account = ask(&world);
    assert_eq!((account["State"].as_str(), account["Status"].as_str()), (Some("CLOSED"), Some("SUSPENDED")));
    assert_eq!(account["Paths"][0], "o-4kq7vt2m9x/r-9xk2/ou-9xk2-z7c4q0me/730912846625/");
    let knobs = Knobs { account_paths: false, account_state: false, ..Knobs::default() };
    let account = ask(&World::new(&Blueprint::sample(), Settings { knobs, ..Settings::default() }));
    assert!(account.get("State").is_none() && account.get("Paths").is_none());
}

#[test]
fn a_nested_unit_is_found_by_its_parents() {
    let world = world();
    let (units, _) =
        all(&world, "ListOrganizationalUnitsForParent", "OrganizationalUnits", json!({"ParentId": "ou-9xk2-h3n8d1pw"}));
    assert_eq!(units[0]["Id"], "ou-9xk2-p6v0s4jt");
    let (accounts, _) = all(&world, "ListAccountsForParent", "Accounts", json!({"ParentId": "ou-9xk2-p6v0s4jt"}));
    assert_eq!(accounts.len(), 2);
    let (parents, _) = all(&world, "ListParents", "Parents", json!({"ChildId": MEMBER}));
    assert_eq!(parents, [json!({"Id": "ou-9xk2-p6v0s4jt", "Type": "ORGANIZATIONAL_UNIT"})]);
    let (tags, _) = all(&world, "ListTagsForResource", "Tags", json!({"ResourceId": MEMBER}));
    assert_eq!(tags[0], json!({"Key": "env", "Value": "prod"}));
}

#[test]
fn members_may_only_describe_the_organization_unless_delegated() {
    let world = world();
    assert_eq!(ask_as(&world, MEMBER, TARGET, "DescribeOrganization", &json!({})).0, 200);
    let (status, answer) = ask_as(&world, MEMBER, TARGET, "ListAccounts", &json!({}));
    assert_eq!((status, answer["__type"].as_str()), (400, Some("AccessDeniedException")));
    world.with(|state| state.organization.delegated_administrators.push(MEMBER.to_owned()));
    assert_eq!(ask_as(&world, MEMBER, TARGET, "ListAccounts", &json!({})).0, 200);
    let (_, answer) = ask_as(&world, "999999999999", TARGET, "DescribeOrganization", &json!({}));
    assert_eq!(answer["__type"], "AWSOrganizationsNotInUseException");
}

#[test]
fn what_is_not_there_has_its_own_exception() {
    let world = world();
    for (operation, body, exception) in [
        ("DescribeAccount", json!({"AccountId": "999999999999"}), "AccountNotFoundException"),
        ("ListParents", json!({"ChildId": "999999999999"}), "ChildNotFoundException"),
        ("ListAccountsForParent", json!({"ParentId": "ou-9xk2-00000000"}), "ParentNotFoundException"),
        ("ListTagsForResource", json!({"ResourceId": "999999999999"}), "TargetNotFoundException"),
        (
            "DescribeOrganizationalUnit",
            json!({"OrganizationalUnitId": "ou-9xk2-00000000"}),
            "OrganizationalUnitNotFoundException",
        ),
        ("ListAccounts", json!({"NextToken": "rubbish"}), "InvalidInputException"),
        ("ListAccounts", json!({"MaxResults": 21}), "InvalidInputException"),
        (
            "MoveAccount",
            json!({"AccountId": MEMBER, "SourceParentId": "r-9xk2", "DestinationParentId": "ou-9xk2-z7c4q0me"}),
            "SourceParentNotFoundException",
        ),
    ] {
        let (status, answer) = ask(&world, TARGET, operation, &body);
        assert_eq!((status, answer["__type"].as_str()), (400, Some(exception)), "{operation}");
    }
}

#[test]
fn the_organization_arn_names_the_management_account() {
    let answer = told(&world(), TARGET, "DescribeOrganization", &json!({}));
    assert_eq!(answer["Organization"]["Arn"], format!("arn:aws:organizations::{MANAGEMENT}:organization/o-4kq7vt2m9x"));
}
