//! Any bytes as labels of each format and as detections, the first byte choosing which, and the
//! evaluation of what comes out.
#![no_main]
use torenvalk::evaluate::{
    LabelledFrame, Params, Table, Unit, evaluate, picture, read_coco, read_detections, read_table,
    read_yolo, words,
};

const DETECTIONS: &[u8] = b"{\"file\":\"a.tif\",\"detections\":[\
    {\"polarity\":\"hot\",\"x_px\":10,\"y_px\":10,\"score\":0.9},\
    {\"polarity\":\"cold\",\"x_px\":20,\"y_px\":10,\"score\":0.5}]}";
const LABELS: &[u8] = b"file,polarity,x_px,y_px,role\na.tif,hot,10,10,\na.tif,,12,10,ignore\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&first, rest)) = bytes.split_first() else { return };
    let labels = |text: &[u8]| match read_table("any", text) {
        Ok(Table::Frames(frames)) => frames,
        _ => Vec::new(),
    };
    let truth = match first % 4 {
        0 => labels(rest),
        1 => read_coco("any", rest).unwrap_or_default(),
        2 => {
            let labels = read_yolo("any", rest, [640, 512], &[]).unwrap_or_default();
            vec![LabelledFrame { file: "a.txt".to_owned(), labels }]
        }
        _ => labels(LABELS),
    };
    let told = if first % 4 == 3 { rest } else { DETECTIONS };
    let Ok(seen) = read_detections("any", told) else { return };
    let Ok(report) = evaluate(&truth, &seen, Unit::Px, &Params::in_frames()) else { return };
    assert_eq!(report.detections, report.right + report.wrong + report.set_aside);
    assert_eq!(report.labels.target, report.right + report.missed);
    let _ = words(&report);
    let _ = picture(&report);
});
