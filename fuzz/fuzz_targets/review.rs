//! Any bytes as what reviews of a case say of its findings.
#![no_main]
use torenvalk::case::{Decisions, FindingRow, ReviewRow};

const IDS: [&str; 4] = ["F00001", "F00002", "hand-1", "split-1"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let review = |(at, view): (usize, &str)| ReviewRow {
        number: at as i64 + 1,
        finding: IDS[at % IDS.len()].to_owned(),
        at: String::new(),
        person: String::new(),
        role: String::new(),
        decision: ["", "open", "accepted", "rejected"][view.len() % 4].to_owned(),
        reason: String::new(),
        view: view.to_owned(),
        withdraws: (view.len() % 7 == 6).then_some(at as i64),
    };
    let reviews: Vec<_> = text.lines().take(200).enumerate().map(review).collect();
    let decisions = Decisions::of(reviews.iter());
    for id in IDS {
        // Whatever is said, a finding is part of one that is part of no other.
        let whole = decisions.whole(id);
        assert_eq!(decisions.whole(&whole), whole);
        decisions.apply(&mut FindingRow { id: id.to_owned(), ..FindingRow::default() });
    }
});
