//! Files with an index: Matroska and AVI.

use keepwatch_agent::footage::container::detail::{Detail, Flaw, Unfinished};
use keepwatch_agent::footage::container::{Codec, Container};
use keepwatch_common::model::segment::{FaultKind, SegmentState};

use super::{Known, assert_known, checked, known, of, recorded};

/// Files that were closed.
pub(crate) const CLOSED: [Known; 8] = [
    known(recorded!("ffmpeg_matroska.mkv"), Container::Matroska, 2000),
    known(recorded!("ffmpeg_clusters.mkv"), Container::Matroska, 2043),
    of(
        Codec::H265,
        known(recorded!("ffmpeg_hevc.mkv"), Container::Matroska, 2000),
    ),
    of(
        Codec::Vp8,
        known(recorded!("ffmpeg_webm.webm"), Container::Matroska, 2000),
    ),
    known(
        recorded!("gstreamer_matroska.mkv"),
        Container::Matroska,
        2000,
    ),
    known(recorded!("ffmpeg_avi.avi"), Container::Avi, 2000),
    known(recorded!("ffmpeg_sound.avi"), Container::Avi, 2000),
    known(recorded!("gstreamer_avi.avi"), Container::Avi, 2000),
];

/// Files that were not.
pub(crate) const UNCLOSED: [Known; 3] = [
    known(
        recorded!("ffmpeg_matroska_killed.mkv"),
        Container::Matroska,
        3000,
    ),
    known(
        recorded!("ffmpeg_matroska_live.mkv"),
        Container::Matroska,
        2000,
    ),
    known(recorded!("ffmpeg_avi_killed.avi"), Container::Avi, 3900),
];

#[test]
fn closed_files_are_sealed_and_as_long_as_ffprobe_says() {
    for known in CLOSED {
        let found = checked(known.file.1);
        assert_eq!(
            found.state,
            SegmentState::Sealed,
            "{}: {}",
            known.file.0,
            found.detail
        );
        assert_known(&known, &found);
    }
}

#[test]
fn files_that_were_not_closed_are_open_and_as_long_as_what_is_there() {
    for known in UNCLOSED {
        let found = checked(known.file.1);
        assert_eq!(
            found.detail,
            Detail::Open(Unfinished::NotClosed),
            "{}",
            known.file.0
        );
        assert_known(&known, &found);
    }
}

#[test]
fn a_closed_file_cut_anywhere_is_truncated_or_too_short_to_tell() {
    for known in CLOSED {
        let (name, file) = known.file;
        for len in (1..file.len()).step_by(13) {
            let found = checked(&file[..len]);
            let early = matches!(
                found.detail,
                Detail::Open(Unfinished::HeadOnly) | Detail::Opaque(_)
            );
            assert!(
                found.fault == Some(FaultKind::Truncated) || early,
                "{name} cut at {len}: {}",
                found.detail
            );
        }
    }
}

#[test]
fn an_open_file_cut_anywhere_stays_open_and_never_grows_longer() {
    for known in UNCLOSED {
        let (name, file) = known.file;
        let mut longest = 0;
        for len in (64..file.len()).step_by(7) {
            let found = checked(&file[..len]);
            assert!(
                matches!(found.state, SegmentState::Open),
                "{name} cut at {len}: {}",
                found.detail
            );
            let there = found.duration_ms.unwrap_or(0);
            assert!(
                there >= longest,
                "{name} cut at {len}: {there} after {longest}"
            );
            longest = there;
        }
        assert!(
            longest <= known.duration_ms && longest > known.duration_ms / 2,
            "{name}"
        );
    }
}

#[test]
fn a_file_of_mjpeg_is_named_and_measured() {
    let (_, file) = recorded!("ffmpeg_mjpeg.avi");
    let found = checked(file);
    assert_eq!(
        (found.codec, found.duration_ms, found.frame_rate()),
        (Some(Codec::Mjpeg), Some(2000), Some(5_000))
    );
}

#[test]
fn cues_that_lead_astray_are_corrupt() {
    let (_, file) = recorded!("ffmpeg_clusters.mkv");
    let mut file = file.to_vec();
    let cues = file
        .windows(4)
        .rposition(|id| id == [0x1c, 0x53, 0xbb, 0x6b])
        .unwrap();
    let to = cues + file[cues..].windows(1).position(|id| id == [0xf1]).unwrap() + 2;
    file[to] ^= 0x04;
    assert!(matches!(
        checked(&file).detail,
        Detail::Corrupt(Flaw::IndexAstray { .. })
    ));
}

#[test]
fn a_cluster_of_another_length_is_corrupt() {
    let (_, file) = recorded!("ffmpeg_clusters.mkv");
    let mut file = file.to_vec();
    let cluster = file
        .windows(4)
        .position(|id| id == [0x1f, 0x43, 0xb6, 0x75])
        .unwrap();
    file[cluster + 5] ^= 0x01;
    assert_eq!(checked(&file).fault, Some(FaultKind::Corrupt));
}

#[test]
fn an_index_of_avi_that_leads_out_of_the_frames_is_corrupt() {
    let (_, file) = recorded!("ffmpeg_avi.avi");
    let mut file = file.to_vec();
    let index = file.windows(4).rposition(|name| name == b"idx1").unwrap();
    file[index + 8 + 16 * 7 + 10] ^= 0x01;
    assert!(matches!(
        checked(&file).detail,
        Detail::Corrupt(Flaw::IndexAstray { .. })
    ));
}

#[test]
fn an_avi_that_lost_its_index_is_truncated() {
    let (_, file) = recorded!("ffmpeg_avi.avi");
    let index = file.windows(4).rposition(|name| name == b"idx1").unwrap();
    let mut file = file[..index].to_vec();
    let size = u32::try_from(file.len() - 8).unwrap();
    file[4..8].copy_from_slice(&size.to_le_bytes());
    let found = checked(&file);
    assert_eq!(found.detail, Detail::Corrupt(Flaw::IndexMissing));
    assert_eq!(found.fault, Some(FaultKind::Truncated));
}
