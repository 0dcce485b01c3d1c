//! Values chosen by hand: those that hold for a profile, choosing another, and what two profiles say of one attribute.

use super::{page::csrf, profile::plain, session::Session, text};
use crate::domain::{
    choice::{ADDRESS, Attribute, CHOOSABLE, Choice, EMAIL, PHONE, told},
    golden::{GoldenRecord, pointer},
    id::ProfileId,
    judgement::Judgement,
};
use maud::{Markup, html};
use serde_json::{Value, json};

/// The parts of an address that are typed in.
const PARTS: [&str; 5] = ["street_address", "locality", "region", "postal_code", "country"];
/// How the names of fields begin that choose a value: its attribute's pointer follows.
const CHOOSES: &str = "value";

/// What a form says of a value: one of those offered, or one that is typed in; none where nothing is chosen.
pub fn chosen(fields: &[(String, String)]) -> Option<Choice> {
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim());
    if let Some(offered) = field("offered") {
        return serde_json::from_str(offered).ok();
    }
    let attribute: Attribute = field("attribute")?.parse().ok()?;
    let value = field("typed").map_or_else(|| address(field), Value::from);
    Some(Choice { attribute, value })
}

/// The address whose parts are typed in.
fn address<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Value {
    let given = PARTS.iter().filter_map(|part| Some((*part, field(part).filter(|text| !text.is_empty())?)));
    given.map(|(part, text)| (part.to_owned(), Value::from(text))).collect::<serde_json::Map<_, _>>().into()
}

/// The values that a form chooses for a merge.
pub fn chosen_with_merge(fields: &[(String, String)]) -> Vec<Choice> {
    let read = |(name, value): &(String, String)| {
        let attribute = name.strip_prefix(CHOOSES)?.parse().ok()?;
        Some(Choice { attribute, value: serde_json::from_str(value).ok()? })
    };
    fields.iter().filter_map(read).collect()
}

/// Whether a field chooses a value for a merge.
pub fn chooses(name: &str) -> bool {
    name.strip_prefix(CHOOSES).is_some_and(|pointer| pointer.parse::<Attribute>().is_ok())
}

/// What is chosen for a profile, and the forms to choose more.
pub fn card(session: &Session, id: ProfileId, version: i64, golden: &GoldenRecord, held: &[Judgement]) -> Markup {
    html! {
        section class="card" aria-labelledby="values" {
            h2 id="values" { "Values chosen by hand" }
            @if held.is_empty() { p class="muted" { "None: the records decide." } }
            @else { (kept(session, id, held)) }
            @if session.may_write() { (forms(session, id, version, golden)) }
        }
    }
}

fn kept(session: &Session, id: ProfileId, held: &[Judgement]) -> Markup {
    let chosen = held.iter().filter_map(|judgement| Some((judgement, judgement.chosen()?)));
    html! {
        table {
            thead { tr { th { "Attribute" } th { "Value" } th { "By" } th { "Why" } @if session.may_write() { th { "Undo" } } } }
            tbody {
                @for (judgement, choice) in chosen {
                    @let name = called(choice.attribute.pointer());
                    tr {
                        td { (name) }
                        td { (text::value(&plain(&choice.value))) }
                        td { (text::value(&judgement.actor)) " " (text::time(judgement.created_at)) }
                        td { (text::value(&judgement.reason)) }
                        @if session.may_write() {
                            td {
                                form method="post" action="/console/judgements/withdraw" {
                                    (csrf(session))
                                    input type="hidden" name="profile" value=(id);
                                    input type="hidden" name="judgement" value=(judgement.judgement_id);
                                    button aria-label={ "Take back the chosen " (name) } { "Take back" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn forms(session: &Session, id: ProfileId, version: i64, golden: &GoldenRecord) -> Markup {
    let offered = offered(golden);
    let form = |label: &str, fields: &Markup| {
        html! {
            form class="row" method="post" action={ "/console/profiles/" (id) "/values" } aria-label=(label) {
                (csrf(session))
                input type="hidden" name="version" value=(version);
                (fields)
                button { "Preview " (label) }
            }
        }
    };
    html! {
        @if !offered.is_empty() {
            (form("a known value", &html! {
                label for="offered" { "One that the records give" }
                select id="offered" name="offered" {
                    @for (pointer, values) in &offered {
                        optgroup label=(called(pointer)) {
                            @for value in values {
                                option value=(json!({"attribute": pointer, "value": value})) { (text::visible(&plain(value))) }
                            }
                        }
                    }
                }
            }))
        }
        (form("a typed value", &html! {
            label for="attribute" { "Another one for" }
            select id="attribute" name="attribute" {
                @for pointer in typed(golden) { option value=(pointer) { (called(&pointer)) } }
            }
            input name="typed" required maxlength="1000" aria-label="The value";
        }))
        details {
            summary { "Another address" }
            (form("an address", &html! {
                input type="hidden" name="attribute" value=(ADDRESS);
                @for part in PARTS {
                    label for=(part) { (text::words(part)) }
                    input id=(part) name=(part) maxlength="500" size="14";
                }
            }))
        }
    }
}

/// The values that the records give and that did not survive, by attribute.
fn offered(golden: &GoldenRecord) -> Vec<(String, Vec<Value>)> {
    let lost = golden.alternatives.iter().filter(|(pointer, _)| pointer.parse::<Attribute>().is_ok());
    let lost = lost.map(|(pointer, lost)| (pointer.clone(), lost.iter().map(|it| it.value.clone()).collect()));
    let emails = golden.emails.iter().skip(1).map(|email| json!(email.value)).collect();
    let phones = golden.phones.iter().skip(1).map(|phone| json!(phone.written())).collect();
    let addresses = golden.addresses.iter().skip(1).map(|address| json!(address)).collect();
    let listed = [(EMAIL, emails), (PHONE, phones), (ADDRESS, addresses)];
    let listed = listed.into_iter().map(|(pointer, values): (&str, Vec<Value>)| (pointer.to_owned(), values));
    lost.chain(listed).filter(|(_, values)| !values.is_empty()).collect()
}

/// The attributes whose values can be typed in as a text.
fn typed(golden: &GoldenRecord) -> impl Iterator<Item = String> {
    let is_listed = |pointer: &&str| [EMAIL, PHONE, ADDRESS].contains(pointer);
    let plain = CHOOSABLE.into_iter().filter(move |pointer| !is_listed(pointer)).map(str::to_owned);
    plain.chain(golden.attributes.keys().map(|name| pointer("attributes", name)))
}

/// Where profiles that are to be one say different things: which of them the golden record is to say.
pub fn differing(profiles: &[&GoldenRecord], fields: &[(String, String)]) -> Markup {
    let further = profiles.iter().flat_map(|golden| golden.attributes.keys()).map(|name| pointer("attributes", name));
    let mut pointers: Vec<String> = CHOOSABLE.into_iter().map(str::to_owned).chain(further).collect();
    pointers.dedup();
    let values = |pointer: &String| {
        let mut values: Vec<Value> = profiles.iter().filter_map(|golden| told(golden, pointer)).collect();
        values.dedup();
        (values.len() > 1).then(|| (pointer.clone(), values))
    };
    let differing: Vec<(String, Vec<Value>)> = pointers.iter().filter_map(values).collect();
    html! {
        @for (pointer, values) in &differing {
            @let name = format!("{CHOOSES}{pointer}");
            @let picked = fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
            fieldset {
                legend { (called(pointer)) }
                label { input type="radio" name=(name) value="" checked[picked.is_none_or(str::is_empty)]; " the records decide" }
                @for value in values {
                    @let said = value.to_string();
                    label { input type="radio" name=(name) value=(said) checked[picked == Some(said.as_str())]; " " (text::value(&plain(value))) }
                }
            }
        }
        @if !differing.is_empty() { button { "Preview with these values" } }
    }
}

/// An attribute in words.
fn called(pointer: &str) -> String {
    match pointer {
        EMAIL => "primary email".to_owned(),
        PHONE => "primary phone".to_owned(),
        ADDRESS => "primary address".to_owned(),
        _ => text::visible(&text::words(crate::domain::golden::name_of(pointer).as_deref().unwrap_or(&pointer[1..]))),
    }
}
