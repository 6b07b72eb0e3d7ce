//! The demo's command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Shows Keepwatch at work on this machine: a coordinator and three agents as processes of their own,
/// over real footage files.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo demo", version, about, long_about = None, after_help = REPORT)]
pub(super) struct Arguments {
    /// Wait until the expected alerts stand, print one report and end; without it, run until Ctrl-C
    #[arg(long, value_enum)]
    pub(super) report: Option<Report>,
    /// The folder to work in; empty, or made and removed [default: a fresh temporary one]
    #[arg(long, value_name = "PATH")]
    pub(super) folder: Option<PathBuf>,
    /// Leave the folder at the end
    #[arg(long)]
    pub(super) keep: bool,
    /// Days of footage to make
    #[arg(long, value_name = "N", default_value_t = 31,
          value_parser = clap::value_parser!(u16).range(2..=93))]
    pub(super) days: u16,
    /// Cameras of each branch
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u8).range(2..=8))]
    pub(super) cameras: u8,
    /// Seconds until the expected alerts must stand
    #[arg(long, value_name = "S", default_value_t = 300,
          value_parser = clap::value_parser!(u16).range(5..=3_600))]
    pub(super) limit_s: u16,
}

/// What the report's numbers mean.
const REPORT: &str = "\
The report is one JSON object on standard output, everything else is said on standard error:
  branches, cameras, segments  what was made before the agents started
  alerts             what `keepwatch alert list --format json` gives, in its order
  drift_to_alert_ms  from the write of a watched file to the webhook's receipt of its alert
  scan_ms            the slowest agent's first walk over its footage, as its status file says
Exit codes: 0 done; 1 it did not come about, with the reason; 2 the arguments are wrong.";

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Report {
    /// One JSON object
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_month_of_four_cameras_is_shown_unless_asked() {
        let arguments = Arguments::parse_from(["demo"]);
        assert_eq!((arguments.days, arguments.cameras), (31, 4));
    }

    #[test]
    fn what_would_show_nothing_or_fill_the_disk_is_refused() {
        for wrong in [
            ["--days", "1"],
            ["--days", "94"],
            ["--cameras", "9"],
            ["--limit-s", "0"],
        ] {
            let refused = Arguments::try_parse_from(["demo", wrong[0], wrong[1]]).unwrap_err();
            assert!(refused.to_string().contains(wrong[0]), "{refused}");
        }
    }
}
