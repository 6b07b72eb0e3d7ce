//! Prints answers: a table for people, or what the coordinator answered for programs.
//!
//! What comes from branches is shown and never obeyed: control characters are escaped, so no name
//! moves the cursor or changes a colour.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::client::Rows;
use super::error::CliError;
use super::table::Table;

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: what the coordinator answered
    Json,
}

/// A column: its head, and the field it shows.
pub(super) type Column = (&'static str, fn(&Value) -> String);

/// Prints a list.
pub(super) fn rows(format: Format, rows: &Rows, columns: &[Column]) -> Result<(), CliError> {
    if format == Format::Json {
        return value(&json!({ "items": rows.items, "next": rows.next }));
    }
    let mut table = Table::new(columns.iter().map(|(head, _)| *head));
    for item in &rows.items {
        table.row(columns.iter().map(|(_, cell)| shown(&cell(item))));
    }
    out(&table.to_string())?;
    if rows.next.is_some() {
        note("there are more; ask for them with a larger --limit");
    }
    Ok(())
}

/// Prints one thing: its fields one below the other, those that it has.
pub(super) fn one(format: Format, item: &Value, columns: &[Column]) -> Result<(), CliError> {
    if format == Format::Json {
        return value(item);
    }
    let mut table = Table::bare();
    for (head, cell) in columns {
        let text = shown(&cell(item));
        if !text.is_empty() {
            table.row([(*head).to_owned(), text]);
        }
    }
    out(&table.to_string())
}

/// Prints JSON.
pub(super) fn value(value: &Value) -> Result<(), CliError> {
    out(&format!("{value:#}"))
}

/// A field of an item as text; nothing for none.
pub(super) fn field(item: &Value, name: &str) -> String {
    match &item[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Prints on standard output.
pub(super) fn out(text: &str) -> Result<(), CliError> {
    out_to(&mut io::stdout().lock(), text)
}

/// Whoever reads no further has what they wanted, and what was asked for is done.
fn out_to(to: &mut impl Write, text: &str) -> Result<(), CliError> {
    let printed = writeln!(to, "{}", text.trim_end_matches('\n')).and_then(|()| to.flush());
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Print(error)),
        _ => Ok(()),
    }
}

/// Prints beside the answer, on standard error.
pub(super) fn note(text: &str) {
    // Where standard error is gone too, nobody is left to tell.
    let (Ok(()) | Err(_)) = writeln!(io::stderr().lock(), "{text}");
}

/// A text without anything that a terminal would obey, on one line.
fn shown(text: &str) -> String {
    let escape = |c: char| -> String {
        if c.is_control() {
            c.escape_debug().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_move_the_cursor() {
        assert_eq!(shown("a\u{1b}[2Jb\nc 门"), "a\\u{1b}[2Jb\\nc 门");
    }

    #[test]
    fn a_field_that_is_none_is_empty() {
        let item = json!({"a": "x", "b": 3, "c": null});
        assert_eq!(
            [
                field(&item, "a"),
                field(&item, "b"),
                field(&item, "c"),
                field(&item, "d")
            ],
            ["x", "3", "", ""]
        );
    }
}
