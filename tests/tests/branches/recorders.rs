//! Every recorder, put through every story.

use keepwatch_tests::branch::recorder::ffmpeg_list::FfmpegList;
use keepwatch_tests::branch::recorder::hikvision::Hikvision;
use keepwatch_tests::branch::recorder::moonfire::Moonfire;
use keepwatch_tests::branch::recorders::tree;

use super::stories;

macro_rules! recorders {
    ($($module:ident: $recorder:expr,)*) => {$(
        mod $module {
            use super::*;

            #[test]
            fn healthy_footage_has_no_finding() {
                stories::healthy(&$recorder);
            }

            #[test]
            fn each_fault_alone_is_found_and_nothing_else() {
                stories::each_fault_alone(&$recorder);
            }

            #[test]
            fn the_file_being_written_is_open() {
                stories::open_newest(&$recorder);
            }

            #[test]
            fn mixtures_of_faults_are_found_exactly() {
                stories::mixtures(&$recorder);
            }
        }
    )*};
}

recorders! {
    frigate: tree("frigate").unwrap(),
    template: tree("template").unwrap(),
    template_in_local_time: tree("template in local time").unwrap(),
    index_last: tree("template, index last").unwrap(),
    matroska: tree("template, matroska").unwrap(),
    transport_stream: tree("template, transport stream").unwrap(),
    program_stream: tree("template, program stream").unwrap(),
    dhav: tree("template, dhav").unwrap(),
    avi: tree("template, avi").unwrap(),
    bare_stream: tree("template, bare stream").unwrap(),
    zoneminder_deep: tree("zoneminder deep").unwrap(),
    zoneminder_medium: tree("zoneminder medium").unwrap(),
    zoneminder_shallow: tree("zoneminder shallow").unwrap(),
    mediamtx: tree("mediamtx").unwrap(),
    mediamtx_in_transport_streams: tree("mediamtx in transport streams").unwrap(),
    zlmediakit: tree("zlmediakit").unwrap(),
    zlmediakit_older: tree("zlmediakit, older").unwrap(),
    shinobi: tree("shinobi").unwrap(),
    motion: tree("motion").unwrap(),
    motioneye: tree("motioneye").unwrap(),
    kerberos: tree("kerberos").unwrap(),
    kerberos_encrypted: tree("kerberos, encrypted").unwrap(),
    lightnvr_by_days: tree("lightnvr by days").unwrap(),
    lightnvr_by_months: tree("lightnvr by months").unwrap(),
    lightnvr_flat: tree("lightnvr flat").unwrap(),
    blueiris: tree("blueiris").unwrap(),
    blueiris_in_mp4: tree("blueiris in mp4").unwrap(),
    synology: tree("synology").unwrap(),
    dahua: tree("dahua").unwrap(),
    xiaomi: tree("xiaomi").unwrap(),
    opennvr: tree("opennvr").unwrap(),
    hikvision: Hikvision,
    moonfire: Moonfire,
    ffmpeg_list: FfmpegList { name: "ffmpeg list", since_1970: false },
    ffmpeg_list_since_1970: FfmpegList { name: "ffmpeg list since 1970", since_1970: true },
}

#[test]
fn what_only_pictures_tell_is_no_fault_of_a_file() {
    for name in ["frigate", "template", "blueiris in mp4"] {
        stories::every_look(&tree(name).unwrap());
    }
}
