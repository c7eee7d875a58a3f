//! What a reading tells of logs of which something is missing, and how often.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sekisho_detect::discovery::{Catalogue, Clients, Form, ServiceList};

use super::super::rotated::ReadThrough;
use super::super::{OFFSET, Pace};
use super::*;

/// How unbound's logs are read, at most so much of each at once.
fn asked(most: Option<u64>) -> Asked {
    let list = r#"{"service":[{"id":"talk","name":{"ja":"談話","en":"Talk"},"kind":"chat","domains":["talk.example"]}]}"#;
    let list: ServiceList = serde_json::from_str(list).unwrap();
    Asked {
        form: Some(Form::Unbound),
        catalogue: Catalogue::of(list).unwrap(),
        clients: Clients::default(),
        offset: OFFSET,
        pace: most.map(|most| Pace {
            most,
            stop: Arc::default(),
        }),
    }
}

/// Lines from a second on, one each second.
fn lines(from: u32, count: u32) -> String {
    (from..from + count).fold(String::new(), |mut text, second| {
        let at = 1_606_640_000 + second;
        writeln!(
            text,
            "[{at}] unbound[9:0] info: 192.0.2.7 talk.example. A IN"
        )
        .unwrap();
        text
    })
}

fn append(path: &Path, text: &str) {
    let before = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, before + text).unwrap();
}

/// Reads what is named from where the marks left it, by way of the server.
fn read(given: &Path, marks: &mut Bookmarks, most: Option<u64>) -> Reading {
    *marks = Bookmarks::parse(&marks.text().unwrap()).unwrap();
    let paths = ReadThrough::default().paths(&[given.to_owned()], (&*marks, None));
    Reading::of(paths, (&asked(most), marks), None)
}

/// How many lines were read without a fault, and of how many logs something is missing.
fn told(read: &Reading) -> (u64, usize) {
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    (read.sum.lines, read.gaps.len())
}

fn folder(name: &str) -> PathBuf {
    let name = format!("sekisho-reading-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// "No use" could be said although what came last to a file of a folder was lost.
#[test]
fn a_file_that_is_gone_from_its_folder_is_told_once_and_what_was_rotated_there_may_go() {
    let folder = folder("gone");
    let (log, rotated) = (folder.join("a.log"), folder.join("a.log.1"));
    let mut marks = Bookmarks::default();
    std::fs::write(&log, lines(0, 2)).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (2, 0));
    append(&log, &lines(2, 1));
    std::fs::rename(&log, &rotated).unwrap();
    std::fs::write(&log, lines(10, 1)).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (2, 0));
    std::fs::remove_file(&rotated).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 0));
    std::fs::write(&log, lines(20, 1)).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (1, 1));
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 0));
    // Emptied, it is no less lost.
    std::fs::write(&log, "").unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 1));
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 0));
    std::fs::write(&log, lines(30, 1)).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (1, 0));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_file_of_a_folder_that_was_read_in_part_and_is_gone_is_told() {
    let folder = folder("in-part");
    let (log, other) = (folder.join("a.log"), folder.join("b.log"));
    let mut marks = Bookmarks::default();
    std::fs::write(&log, lines(0, 4000)).unwrap();
    // It has long been written, and would be settled were it read to its end.
    let file = std::fs::File::options().append(true).open(&log).unwrap();
    let days_ago = SystemTime::now() - Duration::from_secs(2 * 86_400);
    file.set_modified(days_ago).unwrap();
    let part = read(&folder, &mut marks, Some(1));
    assert!(!part.to_their_end && part.sum.lines < 4000);
    std::fs::remove_file(&log).unwrap();
    std::fs::write(&other, lines(9000, 1)).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (1, 1));
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 0));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_file_of_a_folder_to_which_nothing_came_for_a_day_may_go() {
    let folder = folder("old");
    let (log, other) = (folder.join("a.log"), folder.join("b.log"));
    let mut marks = Bookmarks::default();
    std::fs::write(&other, lines(0, 1)).unwrap();
    std::fs::write(&log, lines(10, 1)).unwrap();
    let file = std::fs::File::options().append(true).open(&log).unwrap();
    let days_ago = SystemTime::now() - Duration::from_secs(2 * 86_400);
    file.set_modified(days_ago).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (2, 0));
    std::fs::remove_file(&log).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 0));
    // The other is still being written to.
    std::fs::remove_file(&other).unwrap();
    std::fs::write(folder.join("c.log"), lines(20, 1)).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (1, 1));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// It was rotated away and read to its end; then lines came that nobody understood.
#[test]
fn a_file_of_a_folder_of_which_the_last_lines_could_not_be_read_is_told_once_it_is_gone() {
    let folder = folder("failed");
    let (log, rotated) = (folder.join("a.log"), folder.join("a.log.1"));
    let mut marks = Bookmarks::default();
    std::fs::write(&log, lines(0, 1)).unwrap();
    std::fs::write(&rotated, lines(10, 1)).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (2, 0));
    append(&rotated, &"not a line of unbound\n".repeat(3));
    let failed = read(&folder, &mut marks, None);
    assert_eq!(
        (failed.failed, failed.gaps.len()),
        (vec![rotated.clone()], 0)
    );
    std::fs::remove_file(&rotated).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 1));
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 0));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// It was told at each reading until a line came, and then once more.
#[test]
fn a_log_that_was_emptied_is_told_once() {
    let folder = folder("emptied");
    let log = folder.join("a.log");
    let mut marks = Bookmarks::default();
    std::fs::write(&log, lines(0, 1)).unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (1, 0));
    std::fs::write(&log, "").unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (0, 1));
    assert_eq!(told(&read(&log, &mut marks, None)), (0, 0));
    // A line that has not ended is none yet.
    std::fs::write(&log, "[1606640010] unbound").unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (0, 0));
    std::fs::write(&log, lines(10, 1)).unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (1, 0));
    // What is lost after that is told again.
    std::fs::write(&log, "").unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (0, 1));
    std::fs::write(&log, lines(20, 1)).unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (1, 0));
    std::fs::write(&log, lines(30, 1)).unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (1, 1));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Where rotation left an empty log and the one before beside it, that one is not given up.
#[test]
fn an_empty_log_does_not_take_the_name_of_one_that_stands_beside_it() {
    let folder = folder("beside");
    let (log, rotated) = (folder.join("a.log"), folder.join("a.log.1"));
    let mut marks = Bookmarks::default();
    std::fs::write(&log, lines(0, 1)).unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (1, 0));
    std::fs::rename(&log, &rotated).unwrap();
    std::fs::write(&log, "").unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (0, 0));
    std::fs::remove_file(&rotated).unwrap();
    assert_eq!(told(&read(&log, &mut marks, None)), (0, 1));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Kept by a server before files of folders were followed.
#[test]
fn marks_that_were_kept_before_are_read_and_written_as_they_were() {
    let folder = folder("before");
    let log = folder.join("a.log");
    std::fs::write(&log, lines(0, 1)).unwrap();
    let mut marks = Bookmarks::default();
    let opened = Log::open(&log).unwrap();
    marks.put(&opened, opened.size().unwrap());
    let kept = marks.text().unwrap();
    assert!(
        !kept.contains("settled") && !kept.contains("named"),
        "{kept}"
    );
    // From the next reading on the file is followed.
    assert_eq!(told(&read(&folder, &mut marks, None)), (0, 0));
    std::fs::write(&log, lines(10, 1)).unwrap();
    assert_eq!(told(&read(&folder, &mut marks, None)), (1, 1));
    std::fs::remove_dir_all(&folder).unwrap();
}
