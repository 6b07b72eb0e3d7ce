//! A test for each recorder whose names tell everything.

use keepwatch_tests::branch::recorders::tree;

use super::stories;

macro_rules! recorders {
    ($($module:ident: $name:literal,)*) => {$(
        mod $module {
            use super::{stories, tree};

            #[test]
            fn healthy_footage_has_no_finding() {
                stories::healthy(&tree($name).unwrap());
            }

            #[test]
            fn each_fault_alone_is_found_and_nothing_else() {
                stories::each_fault_alone(&tree($name).unwrap());
            }

            #[test]
            fn the_file_being_written_is_open() {
                stories::open_newest(&tree($name).unwrap());
            }

            #[test]
            fn mixtures_of_faults_are_found_exactly() {
                stories::mixtures(&tree($name).unwrap());
            }
        }
    )*};
}

recorders! {
    frigate: "frigate",
    template: "template",
    template_in_local_time: "template in local time",
    index_last: "template, index last",
    matroska: "template, matroska",
    transport_stream: "template, transport stream",
    program_stream: "template, program stream",
    dhav: "template, dhav",
    avi: "template, avi",
    bare_stream: "template, bare stream",
    zoneminder_deep: "zoneminder deep",
    zoneminder_medium: "zoneminder medium",
    zoneminder_shallow: "zoneminder shallow",
    mediamtx: "mediamtx",
    mediamtx_in_transport_streams: "mediamtx in transport streams",
    zlmediakit: "zlmediakit",
    zlmediakit_older: "zlmediakit, older",
    shinobi: "shinobi",
    motion: "motion",
    motioneye: "motioneye",
    kerberos: "kerberos",
    kerberos_encrypted: "kerberos, encrypted",
    lightnvr_by_days: "lightnvr by days",
    lightnvr_by_months: "lightnvr by months",
    lightnvr_flat: "lightnvr flat",
    blueiris: "blueiris",
    blueiris_in_mp4: "blueiris in mp4",
    synology: "synology",
    dahua: "dahua",
    xiaomi: "xiaomi",
    opennvr: "opennvr",
}

#[test]
fn what_only_pictures_tell_is_no_fault_of_a_file() {
    for name in ["frigate", "template", "blueiris in mp4"] {
        stories::every_look(&tree(name).unwrap());
    }
}
