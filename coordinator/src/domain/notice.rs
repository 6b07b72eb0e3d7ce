//! What a notification says: JSON for a webhook, with a sentence in both languages.
//!
//! A *face*: it uses its children. The words of kind, severity, condition and notice are never
//! translated; the sentences are, and carry the numbers. The key is the same however often the same
//! notice is sent, so that a receiver can drop what it has. It must not know channels nor secrets.

mod body;
mod en;
mod health;
mod when;
mod zh;

pub use body::{NoticeBody, NoticeBranch, NoticeFacts, Sentence};
