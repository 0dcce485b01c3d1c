//! Values that cannot be read: kept as given, told in the answer, and nobody is matched by them.

use crate::{client::Client, sample::order, server::TestServer};
use serde_json::{Value, json};

/// Sends two events of two people who share an unfit value alone; it warns of it, and keeps it as given.
async fn keeps_apart(client: &Client, what: &str, unfit: &Value, warning: &Value) {
    let mut profiles = Vec::new();
    for name in ["Jane Featherstone", "Oskar Nyström"] {
        let mut contact = unfit.clone();
        contact["name"] = json!(name);
        let receipt = client.store(&order(&format!("{what} {name}"), &contact)).await;
        assert_eq!(receipt["warnings"], json!([warning]), "{what}");
        let stored = client.get(&format!("/v1/events/{}", receipt["event_id"].as_str().unwrap())).await;
        assert_eq!(stored["event"]["contact"], contact);
        profiles.push(receipt["profile_id"].clone());
    }
    assert_ne!(profiles[0], profiles[1], "{what}");
}

#[tokio::test]
async fn what_does_not_parse_is_kept_and_flagged_and_matches_nobody() {
    let server = TestServer::start().await;
    let client = server.client();
    let at = |pointer: &str, code: &str| json!({"pointer": format!("/contact/{pointer}"), "code": code});
    for (what, unfit, warning) in [
        ("email", json!({"emails": [{"value": "no mailbox"}]}), at("emails/0", "invalid_email")),
        ("phone", json!({"phones": [{"value": "call me maybe"}]}), at("phones/0", "invalid_phone")),
        ("national", json!({"phones": [{"value": "020 7946 0958"}]}), at("phones/0", "invalid_phone")),
        ("birth date", json!({"birth_date": "in spring"}), at("birth_date", "invalid_birth_date")),
        ("placeholder", json!({"emails": [{"value": "test@test.com"}]}), at("emails/0", "placeholder")),
        ("zeros", json!({"phones": [{"value": "0000000000"}]}), at("phones/0", "placeholder")),
    ] {
        keeps_apart(&client, what, &unfit, &warning).await;
    }
}

#[tokio::test]
async fn contacts_that_share_an_unfit_value_alone_are_two_profiles() {
    let server = TestServer::start().await;
    let client = server.client();
    for unfit in [json!({"emails": ["no mailbox"]}), json!({"phones": ["call me maybe"]})] {
        let first = client.store(&order(&format!("1 {unfit}"), &unfit)).await;
        assert_eq!((&first["outcome"], first["warnings"].as_array().unwrap().len()), (&json!("created"), 1));
        let mut more = unfit.clone();
        more["language"] = json!("en-GB");
        let second = client.store(&order(&format!("2 {unfit}"), &more)).await;
        assert_ne!(first["profile_id"], second["profile_id"], "{unfit}");
    }
}

#[tokio::test]
async fn an_unfit_value_does_not_keep_the_good_ones_from_matching() {
    let server = TestServer::start().await;
    let client = server.client();
    let contact = |phone: &str| json!({"name": "Jane Featherstone", "emails": ["jane@example.com"], "phones": [phone]});
    let first = client.store(&order("1", &contact("call me maybe"))).await;
    let second = client.store(&order("2", &contact("or not"))).await;
    assert_eq!(first["profile_id"], second["profile_id"]);
}
