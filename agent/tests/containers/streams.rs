//! Streams of packets: transport and program streams, Dahua's frames, Flash video, raw units.

use keepwatch_agent::footage::container::detail::{Detail, Flaw, Unfinished};
use keepwatch_agent::footage::container::{Codec, Container};
use keepwatch_common::model::segment::{FaultKind, SegmentState};

use super::maker::{dahua, hikvision, pictures};
use super::{Known, assert_known, checked, known, of, recorded};

/// Streams that end between packets.
pub(crate) const STREAMS: [Known; 9] = [
    known(recorded!("ffmpeg_transport.ts"), Container::MpegTs, 2000),
    of(
        Codec::H265,
        known(recorded!("ffmpeg_hevc.ts"), Container::MpegTs, 2000),
    ),
    known(recorded!("ffmpeg_sound.ts"), Container::MpegTs, 2000),
    known(recorded!("gstreamer_transport.ts"), Container::MpegTs, 2000),
    known(recorded!("gstreamer_program.mpg"), Container::MpegPs, 2000),
    known(
        recorded!("ffmpeg_transport_killed.ts"),
        Container::MpegTs,
        3000,
    ),
    known(recorded!("ffmpeg_flash.flv"), Container::Flv, 2000),
    known(recorded!("ffmpeg_flash_killed.flv"), Container::Flv, 4000),
    known(recorded!("ffmpeg_raw.h264"), Container::AnnexB, 2000),
];

/// The pictures of the raw stream that files are made of: twenty, every tenth a key picture.
pub(crate) fn raw_pictures() -> Vec<Vec<u8>> {
    let (_, raw) = recorded!("ffmpeg_raw.h264");
    let pictures = pictures(raw);
    assert_eq!(pictures.len(), 20);
    pictures
}

/// As many pictures as that, over and over.
fn many(count: usize) -> Vec<Vec<u8>> {
    raw_pictures().into_iter().cycle().take(count).collect()
}

#[test]
fn whole_streams_are_sealed_and_as_long_as_ffprobe_says() {
    for known in STREAMS {
        let found = checked(known.file.1);
        assert_eq!(found.state, SegmentState::Sealed, "{}", known.file.0);
        assert_known(&known, &found);
    }
}

#[test]
fn a_raw_stream_of_h265_tells_frames_and_no_time() {
    let (_, file) = recorded!("ffmpeg_raw.h265");
    let found = checked(file);
    assert_eq!(
        (found.container, found.codec, found.picture, found.samples),
        (
            Container::AnnexB,
            Some(Codec::H265),
            Some((160, 120)),
            Some(20)
        )
    );
    assert_eq!(
        (found.duration_ms, found.state),
        (None, SegmentState::Sealed)
    );
}

#[test]
fn frames_that_share_packets_are_not_counted_and_the_parameters_tell_the_rate() {
    let (_, file) = recorded!("ffmpeg_program.mpg");
    let found = checked(file);
    assert_eq!((found.samples, found.frame_rate()), (None, Some(10_000)));
    assert_eq!(found.state, SegmentState::Sealed);
    assert!(
        found
            .duration_ms
            .is_some_and(|ms| (1700..=2100).contains(&ms))
    );
}

#[test]
fn a_hikvision_file_is_a_program_stream_with_or_without_its_head() {
    for headed in [false, true] {
        for start in [0, 9_000, (1 << 33) - 45_000] {
            let file = hikvision(&raw_pictures(), 10, start, headed);
            let found = checked(&file);
            assert_eq!(
                (found.container, found.state, found.codec),
                (Container::MpegPs, SegmentState::Sealed, Some(Codec::H264)),
                "{}",
                found.detail
            );
            assert_eq!(
                (found.duration_ms, found.samples, found.picture),
                (Some(2000), Some(20), Some((160, 120)))
            );
        }
    }
}

#[test]
fn a_dahua_file_tells_time_by_its_dates() {
    for start in [0, 59, 1234] {
        let found = checked(&dahua(&raw_pictures(), 10, start));
        assert_eq!(
            (found.container, found.state, found.codec),
            (Container::Dhav, SegmentState::Sealed, Some(Codec::H264)),
            "{}",
            found.detail
        );
        assert_eq!(
            (found.duration_ms, found.samples, found.picture),
            (Some(2000), Some(20), Some((160, 120)))
        );
    }
}

#[test]
fn long_files_are_as_long_as_they_are_at_a_bounded_cost() {
    let pictures = many(12_000);
    for (file, duration_ms) in [
        (hikvision(&pictures, 10, 900, true), 1_200_000),
        (dahua(&pictures, 10, 100), 1_200_000),
    ] {
        let found = checked(&file);
        assert_eq!(found.state, SegmentState::Sealed, "{}", found.detail);
        assert_eq!(
            found.duration_ms,
            Some(duration_ms),
            "{:?}",
            found.container
        );
        assert_eq!((found.samples, found.frame_rate()), (None, Some(10_000)));
        assert!(found.cost.bytes < 600_000, "{:?}", found.cost);
        assert!(found.cost.reads < 60, "{:?}", found.cost);
    }
}

#[test]
fn a_hole_in_the_middle_of_a_long_file_is_corrupt() {
    let pictures = many(12_000);
    for mut file in [hikvision(&pictures, 10, 0, false), dahua(&pictures, 10, 0)] {
        let (from, to) = (file.len() / 3, file.len() / 2);
        file[from..to].fill(0);
        let found = checked(&file);
        assert_eq!(found.fault, Some(FaultKind::Corrupt), "{}", found.detail);
        assert!(matches!(
            found.detail,
            Detail::Corrupt(Flaw::SyncLost { .. })
        ));
    }
}

#[test]
fn space_that_was_never_written_is_no_damage_and_no_footage() {
    let pictures = many(3_000);
    for mut file in [hikvision(&pictures, 10, 0, true), dahua(&pictures, 10, 0)] {
        let written = u64::try_from(file.len()).unwrap();
        file.resize(file.len() * 3, 0);
        let found = checked(&file);
        let Detail::Open(Unfinished::SpaceBehind { at }) = found.detail else {
            panic!("{}", found.detail);
        };
        assert!(at.abs_diff(written) < 4096);
        assert_eq!(found.duration_ms, Some(300_000), "{:?}", found.container);
    }
    let mut small = hikvision(&raw_pictures(), 10, 0, false);
    small.resize(small.len() + 100_000, 0);
    let found = checked(&small);
    assert_eq!(
        (found.state, found.duration_ms),
        (SegmentState::Open, Some(2000))
    );
}

#[test]
fn a_bit_that_breaks_the_row_of_packets_is_seen_in_the_head() {
    let (_, file) = recorded!("ffmpeg_transport.ts");
    let mut file = file.to_vec();
    file[188 * 40] ^= 0x10;
    assert_eq!(
        checked(&file).detail,
        Detail::Corrupt(Flaw::SyncLost { at: 188 * 40 })
    );
    let mut file = dahua(&raw_pictures(), 10, 0);
    let second = file
        .windows(4)
        .skip(1)
        .position(|four| four == b"DHAV")
        .unwrap()
        + 1;
    file[second + 13] ^= 0x40;
    assert!(matches!(
        checked(&file).detail,
        Detail::Corrupt(Flaw::SyncLost { .. })
    ));
}

#[test]
fn bytes_that_only_begin_like_a_raw_stream_are_unknown_and_opaque() {
    let mut file = vec![0, 0, 0, 1, 0x67, 0xff];
    file.extend([0x55; 3000]);
    let found = checked(&file);
    assert_eq!(
        (found.container, found.state),
        (Container::Unknown, SegmentState::Opaque)
    );
}
