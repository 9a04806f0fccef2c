#!/usr/bin/env python3
"""Compares layouts and frames with pymavlink's.

One JSON object a line on stdin for each message: `id, fields, v1, v2, signed` (frames as hex, `v1`
may be null). On stdout one JSON object: `wrong` (sentences), `unknown` (numbers that pymavlink does
not know) and `frames` (frames that pymavlink packed, as hex).
"""

import json
import os
import random
import re
import sys

os.environ["MAVLINK20"] = "1"
from pymavlink.dialects.v20 import all as every  # noqa: E402
from pymavlink.dialects.v20 import development  # noqa: E402

KINDS = {
    "uint8_t": "u8", "int8_t": "i8", "char": "u8", "uint16_t": "u16", "int16_t": "i16",
    "uint32_t": "u32", "int32_t": "i32", "uint64_t": "u64", "int64_t": "i64", "float": "f32",
}
NEWTYPES = {"MissionResult": "u8", "CommandResult": "u8"}
RENAMED = {"type": "kind", "mavlink_version": "version", "time_boot_ms": "boot_ms",
           "time_unix_usec": "unix_us"}


def plain(name):
    """A field's name without its unit and spelling."""
    name = RENAMED.get(name, name)
    name = re.sub(r"(?<=[a-z])([A-Z])", lambda m: "_" + m.group(1), name).lower()
    return name.removesuffix("_usec").removesuffix("_ms")


def layout(cls):
    kinds = []
    for name in cls.ordered_fieldnames:
        at = cls.fieldnames.index(name)
        kind = KINDS[cls.fieldtypes[at]]
        length = cls.array_lengths[cls.ordered_fieldnames.index(name)]
        kinds.append((name, f"[{kind}; {length}]" if length else kind))
    return kinds


def compare(row, cls, wrong):
    theirs, ours = layout(cls), row["fields"]
    if len(ours) < len(theirs):
        wrong.append(f"{cls.msgname}: {len(ours)} fields instead of {len(theirs)}")
    for (their_name, their_kind), (name, kind) in zip(theirs, ours):
        kind = NEWTYPES.get(kind, kind)
        same = any(n.startswith(plain(their_name)) for n in (name, "time_" + name))
        if kind != their_kind or not same:
            wrong.append(f"{cls.msgname}: {name}: {kind} is {their_name}: {their_kind}")


def parse(dialect, frame, cls, wrong, signed=False):
    link = dialect.MAVLink(None)
    if signed:
        link.signing.secret_key = bytes(range(32))
        link.signing.allow_unsigned_callback = lambda *_: False
    try:
        found = link.parse_buffer(bytes.fromhex(frame))
    except Exception as error:  # pylint: disable=broad-except
        wrong.append(f"{cls.msgname}: {error}")
        return
    if not found or found[0].get_msgId() != cls.id:
        wrong.append(f"{cls.msgname}: not parsed, signed {signed}")
    elif signed and not found[0].get_signed():
        wrong.append(f"{cls.msgname}: not signed")


def packed(dialect, cls, draw):
    """A frame of random bytes in every field."""
    link = dialect.MAVLink(None, srcSystem=7, srcComponent=1)
    fields = zip(cls.fieldtypes, lengths(cls))
    message = cls(*[value(kind, length, draw) for kind, length in fields])
    return message.pack(link).hex()


def lengths(cls):
    by_name = dict(zip(cls.ordered_fieldnames, cls.array_lengths))
    return [0 if cls.fieldtypes[i] == "char" else by_name[n] for i, n in enumerate(cls.fieldnames)]


def value(kind, length, draw):
    if kind == "char":
        return b"text"
    if length:
        return [value(kind, 0, draw) for _ in range(length)]
    if kind == "float":
        return draw.uniform(-1000, 1000)
    bits = int(re.search(r"\d+", kind).group())
    low = 0 if kind.startswith("u") else -(1 << (bits - 1))
    return draw.randrange(low, low + (1 << bits))


def main():
    draw = random.Random(4)
    wrong, unknown, frames = [], [], []
    for line in sys.stdin:
        row = json.loads(line)
        dialect = next((d for d in (every, development) if row["id"] in d.mavlink_map), None)
        if dialect is None:
            unknown.append(row["id"])
            continue
        cls = dialect.mavlink_map[row["id"]]
        compare(row, cls, wrong)
        for frame, signed in ((row["v1"], False), (row["v2"], False), (row["signed"], True)):
            if frame:
                parse(dialect, frame, cls, wrong, signed)
        frames.append(packed(dialect, cls, draw))
    json.dump({"wrong": wrong, "unknown": unknown, "frames": frames}, sys.stdout)


if __name__ == "__main__":
    main()
