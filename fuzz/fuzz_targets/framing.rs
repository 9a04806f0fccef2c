//! Any bytes as a stream of frames and as a recording; what is read is written as it was.
#![no_main]
use torenvalk::wire::{
    Frame, Key, Packet, Signature, SignatureTime, Step, TlogItem, TlogReader, Version, next_frame,
    sign, write_record,
};

fn again(frame: &Frame<'_>) {
    let packet = Packet::of(frame);
    let from = (frame.sequence, frame.system, frame.component);
    let mut out = Vec::new();
    for version in [Version::V1, Version::V2] {
        out.clear();
        if packet.write_frame(&mut out, version, from) {
            let read = Frame::parse(&out).expect("a frame of our own");
            if version == Version::V2 {
                // Compared as bytes, since a number may be NaN. Zeros at the end are not sent, and
                // how many of them an unknown message had, nobody can tell.
                let [read, told] = [&Packet::of(&read), &packet].map(|packet| {
                    let mut payload = packet.payload(version);
                    payload.truncate(payload.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1));
                    payload
                });
                assert_eq!(read, told);
            }
        }
    }
    let key = Key([7; 32]);
    let _ = Signature::is_right(frame, &key);
    if !out.is_empty() && sign(&mut out, &key, 1, SignatureTime(5)) {
        assert!(Signature::is_right(&Frame::parse(&out).expect("signed by us"), &key));
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    let mut recording = Vec::new();
    while let Step::Frame { skipped, frame } = next_frame(rest) {
        again(&frame);
        write_record(&mut recording, 1_700_000_000_000_000, frame.bytes);
        rest = &rest[skipped + frame.bytes.len()..];
    }
    let total: u64 = TlogReader::new(&recording)
        .map(|item| match item {
            TlogItem::Record(record) => 8 + record.frame.bytes.len() as u64,
            TlogItem::Lost(lost) => lost.bytes,
        })
        .sum();
    assert_eq!(total, recording.len() as u64);
    // Each message by itself, with any payload.
    if let Some((&[low, high], payload)) = bytes.split_first_chunk::<2>() {
        let packet = Packet::read(u32::from(u16::from_le_bytes([low, high])), payload);
        let _ = (packet.name(), packet.payload(Version::V1));
    }
});
