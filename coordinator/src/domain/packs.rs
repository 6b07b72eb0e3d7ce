//! The policy packs compiled into the program, each read once at start like any other.
//!
//! They are samples that headquarters edits. It must not know what they contain.

use super::pack::{Pack, PackError, read};

/// The rules for monitoring rooms: recording, retention, changes and faults.
pub fn monitoring_room() -> Result<Pack, PackError> {
    read(
        "coordinator/packs/monitoring-room.toml",
        include_str!("../../packs/monitoring-room.toml"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::kind::AlertKind;
    use super::super::pack::Check;
    use super::*;

    #[test]
    fn the_shipped_pack_can_raise_every_kind_of_alert() {
        let pack = monitoring_room().unwrap_or_else(|error| panic!("{error}"));
        for kind in AlertKind::ALL {
            assert_eq!(pack.controls_of(kind).count(), 1, "{}", kind.word());
        }
    }

    #[test]
    fn the_shipped_pack_asks_for_thirty_days_and_counts_gaps_from_a_minute() {
        let pack = monitoring_room().unwrap();
        let Check::Retention(retention) = pack.control("A-11a").unwrap().check else {
            panic!("A-11a is not about retention");
        };
        assert_eq!((retention.days, retention.limit_ppm), (30, 990_000));
        let Check::Gap(gap) = pack.control("A-02").unwrap().check else {
            panic!("A-02 is not about gaps");
        };
        assert_eq!((gap.gap_ms_min, gap.major_ms), (60_000, 300_000));
    }

    #[test]
    fn every_clause_of_the_shipped_pack_is_served() {
        let pack = monitoring_room().unwrap();
        for clause in &pack.clauses {
            let served = pack
                .controls
                .iter()
                .any(|control| control.sources.contains(&clause.id));
            assert!(served, "{}", clause.id);
        }
    }
}
