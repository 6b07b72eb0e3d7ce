//! Key frames out of every container: which frame, when, and that it begins with its parameter sets.

use keepwatch_agent::footage::container::{Codec, KeyFrame, KeyFrameError, keyframe};

use super::maker::{dahua, hikvision};
use super::streams::raw_pictures;
use super::{Named, recorded};

fn taken(file: &[u8], wanted_ms: i64) -> Result<Option<KeyFrame>, KeyFrameError> {
    keyframe(&file, u64::try_from(file.len()).unwrap_or(0), wanted_ms)
}

/// The kinds of the units of a frame of H.264.
fn kinds(annexb: &[u8]) -> Vec<u8> {
    annexb
        .windows(5)
        .filter(|five| five.starts_with(&[0, 0, 0, 1]))
        .map(|five| five[4] & 0x1f)
        .collect()
}

/// Files of two seconds with a key frame at each.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let real: [Named; 10] = [
        recorded!("ffmpeg_matroska.mkv"),
        recorded!("ffmpeg_clusters.mkv"),
        recorded!("gstreamer_matroska.mkv"),
        recorded!("ffmpeg_matroska_live.mkv"),
        recorded!("ffmpeg_avi.avi"),
        recorded!("gstreamer_avi.avi"),
        recorded!("ffmpeg_transport.ts"),
        recorded!("ffmpeg_sound.ts"),
        recorded!("gstreamer_transport.ts"),
        recorded!("gstreamer_program.mpg"),
    ];
    let mut files: Vec<_> = real.map(|(name, file)| (name, file.to_vec())).into();
    files.push((
        "hikvision",
        hikvision(&raw_pictures(), 10, (1 << 33) - 9_000, true),
    ));
    files.push(("dahua", dahua(&raw_pictures(), 10, 58)));
    files
}

#[test]
fn the_key_frame_before_a_time_is_taken_with_its_parameter_sets() {
    for (name, file) in files() {
        for (wanted_ms, at_ms) in [(-1, 0), (0, 0), (990, 0), (1500, 1000), (i64::MAX, 1000)] {
            let frame = taken(&file, wanted_ms).unwrap().unwrap();
            assert_eq!(frame.codec, Codec::H264, "{name}");
            assert!(
                frame.at_ms.abs_diff(at_ms) <= 100,
                "{name} at {wanted_ms}: {}",
                frame.at_ms
            );
            let kinds = kinds(&frame.annexb);
            let place = |wanted: u8| kinds.iter().position(|kind| *kind == wanted);
            assert!(
                place(7) < place(8) && place(8) < place(5),
                "{name}: {kinds:?}"
            );
            assert!(
                place(7).is_some() && !kinds.contains(&1),
                "{name}: {kinds:?}"
            );
        }
    }
}

#[test]
fn frames_of_h265_are_taken_too() {
    let named: [Named; 3] = [
        recorded!("ffmpeg_hevc.mkv"),
        recorded!("ffmpeg_hevc.ts"),
        recorded!("ffmpeg_raw.h265"),
    ];
    for (name, file) in named {
        let frame = taken(file, 0).unwrap().unwrap();
        assert_eq!((frame.codec, frame.at_ms), (Codec::H265, 0), "{name}");
        let units = frame
            .annexb
            .windows(5)
            .filter(|five| five.starts_with(&[0, 0, 0, 1]));
        let kinds: Vec<u8> = units
            .map(|five| five[4] >> 1)
            .filter(|kind| *kind < 35)
            .collect();
        assert_eq!(kinds.get(..3), Some(&[32, 33, 34][..]), "{name}");
        assert!(
            kinds.iter().skip(3).all(|kind| (16..24).contains(kind)),
            "{name}: {kinds:?}"
        );
    }
}

#[test]
fn a_raw_stream_gives_its_first_key_frame_and_a_later_one() {
    let (_, file) = recorded!("ffmpeg_raw.h264");
    assert_eq!(taken(file, 0).unwrap().unwrap().at_ms, 0);
    assert_eq!(
        kinds(&taken(file, 0).unwrap().unwrap().annexb).last(),
        Some(&5)
    );
}

#[test]
fn files_that_were_not_closed_give_frames() {
    let named: [Named; 3] = [
        recorded!("ffmpeg_matroska_killed.mkv"),
        recorded!("ffmpeg_avi_killed.avi"),
        recorded!("ffmpeg_transport_killed.ts"),
    ];
    for (name, file) in named {
        let frame = taken(file, 2500).unwrap().unwrap();
        assert!(frame.at_ms.abs_diff(2000) <= 100, "{name}: {}", frame.at_ms);
        assert!(kinds(&frame.annexb).contains(&5), "{name}");
    }
}

#[test]
fn a_long_stream_is_not_read_from_its_start() {
    let pictures: Vec<_> = raw_pictures().into_iter().cycle().take(12_000).collect();
    for file in [hikvision(&pictures, 10, 0, true), dahua(&pictures, 10, 0)] {
        for wanted_ms in [3_500, 600_500, 1_199_900] {
            let frame = taken(&file, wanted_ms).unwrap().unwrap();
            assert_eq!(frame.at_ms, wanted_ms / 1000 * 1000);
        }
    }
}

#[test]
fn pictures_of_other_codecs_are_told() {
    for (file, codec) in [
        (&recorded!("ffmpeg_mjpeg.avi").1[..], Codec::Mjpeg),
        (&recorded!("ffmpeg_webm.webm").1[..], Codec::Vp8),
    ] {
        assert!(matches!(
            taken(file, 0),
            Err(KeyFrameError::Codec { codec: found }) if found == codec
        ));
    }
    assert_eq!(taken(b"Salted__ and so on", 0).unwrap(), None);
}
