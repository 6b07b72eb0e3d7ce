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
}
