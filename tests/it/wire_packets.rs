//! Every layout against pymavlink's, signatures, and records that are written.

use serde_json::{Value, json};
use torenvalk::mission::{Item, List};
use torenvalk::wire::packet::{
    CommandLong, FileTransferProtocol, MissionCount, MissionItem, MissionItemInt,
};
use torenvalk::wire::{
    ComponentId, Frame, Key, Packet, Signature, SignatureTime, SystemId, TlogItem, TlogReader,
    Version, mission_item_int, sign, write_record,
};

use crate::peers;

const FROM: (u8, SystemId, ComponentId) = (42, SystemId(7), ComponentId(1));

/// All messages that are known, with payloads of bytes that are no zeros.
fn all_packets() -> Vec<Packet> {
    let payload: Vec<u8> = (0..255_u32).map(|n| (n * 37 % 251 + 1) as u8).collect();
    let known = (0..13_000).map(|id| Packet::read(id, &payload));
    known.filter(|packet| packet.name().is_some()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn framed(packet: &Packet, version: Version) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    packet.write_frame(&mut out, version, FROM).then_some(out)
}

fn key() -> Key {
    Key(std::array::from_fn(|index| index as u8))
}

#[test]
fn layouts_and_frames_are_those_of_pymavlink() {
    let Some(python) = peers::python("pymavlink") else { return };
    let mut rows = String::new();
    for (number, packet) in all_packets().iter().enumerate() {
        let v2 = framed(packet, Version::V2).unwrap();
        let mut signed = v2.clone();
        let time = SignatureTime::of_unix_us(1_790_000_000_000_000 + number as u64);
        assert!(sign(&mut signed, &key(), 3, time));
        let v1 = framed(packet, Version::V1).map(|frame| hex(&frame));
        let fields = packet.fields();
        let row = json!({"id": packet.id(), "fields": fields, "v1": v1, "v2": hex(&v2),
            "signed": hex(&signed)});
        rows.push_str(&format!("{row}\n"));
    }
    let told: Value = serde_json::from_str(&peers::ask(&python, "codec.py", &rows)).unwrap();
    assert_eq!(told["wrong"], json!([]));
    // pymavlink 2.4.50 has neither COMMAND_CANCEL nor PROTOCOL_VERSION in any dialect.
    assert_eq!(told["unknown"], json!([300, 80].iter().rev().collect::<Vec<_>>()));
    let frames = told["frames"].as_array().unwrap();
    assert!(frames.len() > 80);
    for theirs in frames {
        let bytes = from_hex(theirs.as_str().unwrap());
        let frame = Frame::parse(&bytes).unwrap();
        let mut ours = Vec::new();
        let from = (frame.sequence, frame.system, frame.component);
        assert!(Packet::of(&frame).write_frame(&mut ours, Version::V2, from));
        assert_eq!(hex(&ours), hex(&bytes), "{:?}", Packet::of(&frame).name());
    }
}

#[test]
fn what_is_written_is_read_and_what_was_cut_is_zero() {
    let packets = all_packets();
    assert!(packets.len() > 80);
    for packet in &packets {
        let frame = framed(packet, Version::V2).unwrap();
        assert_eq!(&Packet::of(&Frame::parse(&frame).unwrap()), packet);
        // Any length of payload is read, and a zero is what is missing.
        let payload = packet.payload(Version::V2);
        for end in 0..=payload.len() {
            let mut cut = payload[..end].to_vec();
            let read = Packet::read(packet.id(), &cut);
            cut.resize(payload.len(), 0);
            assert_eq!(read.payload(Version::V2), cut);
        }
        let longer = [payload, vec![9; 3]].concat();
        assert_eq!(&Packet::read(packet.id(), &longer), packet);
    }
}

#[test]
fn version_one_has_no_extensions() {
    let count = MissionCount { count: 700, mission_type: 1, opaque_id: 5, ..Default::default() };
    let bytes = framed(&count.into(), Version::V1).unwrap();
    let frame = Frame::parse(&bytes).unwrap();
    assert_eq!((frame.version, frame.payload.len()), (Version::V1, 4));
    let told = Packet::of(&frame);
    assert_eq!(told, MissionCount { count: 700, ..Default::default() }.into());
}

#[test]
fn an_unknown_message_keeps_its_bytes() {
    let packet = Packet::read(59_000, &[1, 2, 3]);
    assert_eq!(packet, Packet::Other { id: 59_000, payload: vec![1, 2, 3] });
    assert_eq!((packet.name(), packet.payload(Version::V2)), (None, vec![1, 2, 3]));
}

#[test]
fn items_keep_every_bit() {
    let item = Item {
        frame: 3,
        command: 16,
        params: [0.5, f32::NAN, -1.0, f32::NAN],
        x: 473_977_711,
        y: -85_466_122,
        z: 48.25,
        autocontinue: true,
    };
    let message = mission_item_int(&item, List::Fence, 7);
    assert_eq!((message.seq, message.mission_type, message.autocontinue), (7, 1, 1));
    let back = Item::from(&message);
    assert_eq!(back.params.map(f32::to_bits), item.params.map(f32::to_bits));
    assert_eq!((back.x, back.y, back.z, back.frame), (item.x, item.y, item.z, 3));
    // Degrees as floats are rounded, not cut; a local frame is taken as it is; NaN is 0.
    let old = MissionItem { x: 47.5, y: f32::NAN, frame: 3, ..Default::default() };
    assert_eq!((Item::from(&old).x, Item::from(&old).y), (475_000_000, 0));
    let local = MissionItem { x: 1.6, frame: 2, ..Default::default() };
    assert_eq!(Item::from(&local).x, 2);
    assert_eq!(Item::from(&MissionItemInt::default()).x, 0);
}

#[test]
fn a_signature_is_right_only_with_its_key_and_all_its_bytes() {
    let command = CommandLong { command: 400, param1: 1.0, ..Default::default() };
    let mut bytes = framed(&command.into(), Version::V2).unwrap();
    let time = SignatureTime::of_unix_us(1_420_070_400_000_000 + 123_450);
    assert!(sign(&mut bytes, &key(), 9, time));
    assert!(!sign(&mut bytes.clone(), &key(), 9, time), "signed twice");
    let frame = Frame::parse(&bytes).unwrap();
    let told = Signature::of(&frame).unwrap();
    assert_eq!((told.link, told.time), (9, SignatureTime(12_345)));
    assert!(Signature::is_right(&frame, &key()));
    assert!(!Signature::is_right(&frame, &Key([0; 32])));
    let start = bytes.len() - 13;
    for at in start..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        assert!(!Signature::is_right(&Frame::parse(&wrong).unwrap(), &key()), "{at}");
    }
    let mut old = framed(&command.into(), Version::V1).unwrap();
    assert!(!sign(&mut old, &key(), 9, time), "version 1 has no signatures");
    assert!(!sign(&mut vec![1, 2, 3], &key(), 9, time));
    assert_eq!(format!("{:?}", key()), "Key(..)");
}

#[test]
fn records_are_read_as_they_were_written() {
    let mut file = Vec::new();
    let block = FileTransferProtocol { payload: [7; 251], ..Default::default() };
    let frames = [
        framed(&block.into(), Version::V2).unwrap(),
        framed(&CommandLong::default().into(), Version::V1).unwrap(),
    ];
    for (index, frame) in frames.iter().enumerate() {
        write_record(&mut file, 1_700_000_000_000_000 + index as u64, frame);
    }
    let read: Vec<_> = TlogReader::new(&file)
        .map(|item| match item {
            TlogItem::Record(record) => (record.stamp_us % 10, record.frame.bytes.to_vec()),
            TlogItem::Lost(lost) => panic!("{lost:?}"),
        })
        .collect();
    assert_eq!(read, [(0, frames[0].clone()), (1, frames[1].clone())]);
}
