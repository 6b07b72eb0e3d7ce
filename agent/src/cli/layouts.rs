//! `keepwatch-agent layouts`: the layouts that can be named, for people or as JSON for programs.
//!
//! The JSON's keys are a contract: they are only ever added to.

use std::io::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::outcome::{GOOD, unprinted};
use crate::footage::layout::About;
use crate::footage::layouts;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How the list is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    maker: &'static str,
    path: &'static str,
    zone: &'static str,
    times: &'static str,
    deletes: &'static str,
    holds: &'static str,
}

pub(super) fn run(arguments: &Arguments) -> u8 {
    let mut out = std::io::stdout().lock();
    let printed = match arguments.format {
        Format::Json => json(&mut out),
        Format::Table => table(&mut out),
    };
    printed.map_or_else(|error| unprinted(error, GOOD), |()| GOOD)
}

fn rows() -> Vec<Row> {
    layouts::all().map(row).collect()
}

fn row(about: &'static About) -> Row {
    Row {
        name: about.name,
        maker: about.maker,
        path: about.pattern,
        zone: about.zone.word(),
        times: about.told.words(),
        deletes: about.deletes,
        holds: about.holds,
    }
}

fn json(out: &mut dyn Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, &rows())?;
    writeln!(out)
}

/// A line to tell layouts apart by, and below it what one wants to know of the one chosen.
fn table(out: &mut dyn Write) -> std::io::Result<()> {
    let rows = rows();
    let longest = |of: fn(&Row) -> &str| rows.iter().map(|row| of(row).len()).max().unwrap_or(0);
    let (name, maker) = (longest(|row| row.name), longest(|row| row.maker));
    writeln!(out, "{:name$}  {:maker$}  ZONE   TIMES", "NAME", "MAKER")?;
    for row in &rows {
        writeln!(
            out,
            "{:name$}  {:maker$}  {:5}  {}",
            row.name, row.maker, row.zone, row.times
        )?;
        for (what, says) in [
            ("path", row.path),
            ("deletes", row.deletes),
            ("holds", row.holds),
        ] {
            writeln!(out, "{:name$}  {what:7}  {says}", "")?;
        }
    }
    writeln!(
        out,
        "\nNames of zone `local` need --layout-timezone, an IANA name. `keepwatch-agent scan FOLDER \
         --layout auto` recognises a layout and says why."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_every_layout_with_what_it_deletes() {
        let mut out = Vec::new();
        table(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for about in layouts::all() {
            assert!(text.contains(about.name) && text.contains(about.deletes));
        }
    }

    #[test]
    fn programs_get_the_same_list() {
        let mut out = Vec::new();
        json(&mut out).unwrap();
        let list: Vec<serde_json::Value> = serde_json::from_slice(&out).unwrap();
        assert_eq!(list.len(), layouts::all().count());
        assert_eq!(list[0]["name"], "frigate");
    }
}
