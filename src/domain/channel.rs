//! Channels: which identifiers each of them carries by itself.

/// Which kinds of identifier a channel observes; the rest are claimed unless the event says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a row of a table with a column for each kind")]
pub struct Observes {
    /// The sender's mailbox.
    pub emails: bool,
    /// The caller's number.
    pub phones: bool,
    /// The account that wrote.
    pub handles: bool,
    /// The account that was signed in.
    pub external_ids: bool,
}

const NONE: Observes = Observes { emails: false, phones: false, handles: false, external_ids: false };
const ALL: Observes = Observes { emails: true, phones: true, handles: true, external_ids: true };

/// What a channel observes. A channel that is not known observes nothing: the cautious reading.
#[must_use]
pub fn observes(channel: &str) -> Observes {
    match channel {
        "email" | "survey" | "webinar" => Observes { emails: true, ..NONE },
        "phone" | "sms" => Observes { phones: true, ..NONE },
        // A WhatsApp account is its number, or its business-scoped id where the number is hidden.
        "whatsapp" => Observes { phones: true, handles: true, ..NONE },
        "social" => Observes { handles: true, ..NONE },
        "chat" | "app" | "push" => Observes { external_ids: true, ..NONE },
        "order" | "in_store" | "crm" | "import" => ALL,
        _ => NONE,
    }
}
