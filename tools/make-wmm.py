#!/usr/bin/env python3
"""Packs the coefficients of the World Magnetic Model for `src/geo/magnetic.rs`.

Usage: make-wmm.py WMM_DATA.RS OUT, with `src/wmm_data.rs` of the crate world_magnetic_model
1.2025.0, which holds NOAA's numbers of WMM2020 and WMM2025 in order of degree and order.

For each model and each of its 90 terms g, h and their change a year, in 0.1 nT as i32.
"""

import re
import struct
import sys

TERMS = 90


def main() -> None:
    text = open(sys.argv[1], encoding="utf-8").read()
    out = bytearray()
    models = re.findall(r"epoch_year: (\d+),(.*?)\n    }", text, re.S)
    if [year for year, _ in models] != ["2020", "2025"]:
        raise SystemExit("the models are not those of 2020 and 2025")
    for _, body in models:
        columns = []
        for name in ["g", "h", "g_dot", "h_dot"]:
            numbers = re.search(rf"\b{name}: \[(.*?)\]", body, re.S).group(1)
            numbers = [round(10 * float(n.replace("_f32", ""))) for n in numbers.split(",") if n.strip()]
            if len(numbers) != TERMS:
                raise SystemExit(f"{name}: {len(numbers)} numbers")
            columns.append(numbers)
        for row in zip(*columns):
            out += struct.pack("<4i", *row)
    open(sys.argv[2], "wb").write(out)


if __name__ == "__main__":
    main()
