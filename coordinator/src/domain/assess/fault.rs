//! Recorded files are whole: one failing per damaged file, folded per camera when they are many.
//!
//! It must not know how a file was examined.

use std::collections::BTreeMap;

use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::model::segment::{FaultKind, SegmentFault};

use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Sight, Subjects};
use crate::domain::kind::Severity;
use crate::domain::pack::Control;
use crate::domain::subject::Subject;

/// Most damaged files of one camera told one by one; more are a failing disk, not single files.
pub const FAULTS_PER_CAMERA_MAX: usize = 20;

/// What is known of one camera.
#[derive(Debug, Clone, Copy)]
pub struct FaultFacts<'a> {
    /// Which camera.
    pub camera: &'a CameraKey,
    /// All of its faults that stand, one per file.
    pub faults: &'a [SegmentFault],
    /// Whether the branch can be seen.
    pub sight: Sight,
}

/// Judges one camera.
pub fn judge(control: &Control, facts: &FaultFacts<'_>) -> Judgement {
    let camera = Subject::camera(facts.camera);
    let scope = Subjects::Owner(camera.clone());
    if let Some(why) = facts.sight.clouded() {
        return Judgement::unknown(&control.id, scope, why);
    }
    let failing = if facts.faults.len() > FAULTS_PER_CAMERA_MAX {
        folded(control, facts, camera).into_iter().collect()
    } else {
        facts
            .faults
            .iter()
            .map(|fault| of_file(control, facts, camera.file(&fault.path), fault))
            .collect()
    };
    Judgement::of(&control.id, scope, failing)
}

fn of_file(
    control: &Control,
    facts: &FaultFacts<'_>,
    subject: Subject,
    fault: &SegmentFault,
) -> Failing {
    let evidence = Evidence::Fault {
        recorder: facts.camera.recorder.to_string(),
        camera: facts.camera.camera.to_string(),
        path: fault.path.clone(),
        fault: fault.kind.word().to_owned(),
        start_at_ms: fault.start,
        detail: fault.detail.clone(),
    };
    // However old a damaged file is, it is damaged now.
    let failing = Failing::of(control, subject, fault.start, evidence);
    match fault.kind {
        // The footage is there and plays; only its time is wrong.
        FaultKind::Clock => failing.at_most(Severity::Minor),
        FaultKind::Empty | FaultKind::Truncated | FaultKind::Corrupt => failing,
    }
}

fn folded(control: &Control, facts: &FaultFacts<'_>, camera: Subject) -> Option<Failing> {
    let newest = facts.faults.iter().max_by_key(|fault| fault.start)?;
    let oldest = facts.faults.iter().map(|fault| fault.start).min()?;
    let mut counts = BTreeMap::new();
    for fault in facts.faults {
        *counts.entry(fault.kind.word().to_owned()).or_insert(0) += 1;
    }
    let evidence = Evidence::Faults {
        recorder: facts.camera.recorder.to_string(),
        camera: facts.camera.camera.to_string(),
        counts,
        newest_path: newest.path.clone(),
    };
    Some(Failing::of(control, camera, oldest, evidence))
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;
    use keepwatch_common::time::Instant;

    use super::*;
    use crate::domain::failing::Standing;
    use crate::domain::judgement::Verdict;
    use crate::domain::packs;

    fn fault(number: i64, kind: FaultKind) -> SegmentFault {
        SegmentFault {
            path: format!("2026/{number:02}.mp4"),
            start: Instant::from_s(1_800_000_000 + number),
            kind,
            detail: "moov is missing".to_owned(),
        }
    }

    fn judged(faults: &[SegmentFault], sight: Sight) -> Judgement {
        let pack = packs::monitoring_room().unwrap();
        let camera = CameraKey {
            recorder: Name::new("nvr").unwrap(),
            camera: Name::new("door").unwrap(),
        };
        let facts = FaultFacts {
            camera: &camera,
            faults,
            sight,
        };
        judge(pack.control("G-7").unwrap(), &facts)
    }

    #[test]
    fn each_damaged_file_fails_by_itself() {
        let judgement = judged(
            &[fault(7, FaultKind::Truncated), fault(8, FaultKind::Clock)],
            Sight::Clear,
        );
        let said: Vec<_> = judgement
            .failing
            .iter()
            .map(|failing| (failing.subject.as_str(), failing.severity))
            .collect();
        assert_eq!(
            said,
            [
                ("nvr/door:2026/07.mp4", Severity::Major),
                ("nvr/door:2026/08.mp4", Severity::Minor),
            ]
        );
    }

    #[test]
    fn a_file_is_damaged_now_however_old_it_is() {
        let judgement = judged(&[fault(-1_000_000, FaultKind::Empty)], Sight::Clear);
        assert_eq!(judgement.failing[0].standing, Standing::Now);
    }

    #[test]
    fn many_damaged_files_fold_into_their_camera() {
        let many: Vec<_> = (0..21).map(|n| fault(n, FaultKind::Corrupt)).collect();
        assert_eq!(judged(&many[..20], Sight::Clear).failing.len(), 20);
        let folded = judged(&many, Sight::Clear);
        assert_eq!(folded.failing.len(), 1);
        assert_eq!(folded.failing[0].subject.as_str(), "nvr/door");
        assert_eq!(folded.failing[0].standing, Standing::Now);
        let Evidence::Faults { counts, .. } = &folded.failing[0].evidence else {
            panic!("not folded");
        };
        assert_eq!(counts.get("corrupt"), Some(&21));
    }

    #[test]
    fn no_fault_is_a_pass_only_in_sight() {
        assert_eq!(judged(&[], Sight::Clear).verdict, Verdict::Pass);
        assert_eq!(judged(&[], Sight::VolumeAway).verdict, Verdict::Unknown);
    }
}
